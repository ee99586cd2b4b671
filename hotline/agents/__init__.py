"""Agents: what their phones do in which call, what they decided to do, whom the queues may ring."""
