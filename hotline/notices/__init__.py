"""Notices to buildings that are known beforehand: the water is off tomorrow from nine to five."""
