"""The forms of ledgers, and how a file that comes in is read."""
