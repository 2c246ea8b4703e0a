"""Ledgers: what they hold, how they go out as files, how old ones come in."""
