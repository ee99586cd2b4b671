"""Queues of callers and the agents who serve them, as they are right now."""
