"""Live help: a supervisor listens to a talk, whispers to its agent, steps in, takes over; moves callers who wait."""
