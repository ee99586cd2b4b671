"""What leaves the house, whatever it is about: tried again with growing pauses, for a day; signed."""
