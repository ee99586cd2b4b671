"""Who lives where, on which numbers, with what still open and what unpaid."""
