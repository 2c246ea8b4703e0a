"""The yearly assessment of stations: what is counted, given, sent on and published, and what is put right after it."""
