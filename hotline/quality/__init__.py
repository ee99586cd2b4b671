"""How well calls were handled: which are listened to, how they are scored, what the agent is told and says to it."""
