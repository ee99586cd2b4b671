"""Who may sign in, and which machines may ask."""
