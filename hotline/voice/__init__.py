"""Everything the desk can say: fixed prompts, pieces joined, texts synthesised, and recordings, which always win."""
