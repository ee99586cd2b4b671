"""The agent's desk: the pop, notes, phrases, checklists, wrap-up, calls to the outside."""
