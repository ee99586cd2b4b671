"""Whose rows these are: each database is stamped with its centre once, and served under no other's name."""
