"""Who must not know, and on what ground anybody is told."""
