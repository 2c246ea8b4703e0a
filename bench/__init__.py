"""Measurements: how long a page takes beside a bare Django view, with a hundred thousand cases (docs/performance.md)."""
