"""Shifts (班次): who has the desk, the hand-over with both signatures, and who reads the log (每日、每周阅批)."""
