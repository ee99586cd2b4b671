"""Retention: for how long the sound of calls is kept, by class, and its removal when that time is over."""
