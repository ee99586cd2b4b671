"""Recordings: which files hold a call's two sides, whether they are whole, and who may listen."""
