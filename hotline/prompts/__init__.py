"""What callers hear, as supervisors change it: texts, recordings, spoken texts, and the way back."""
