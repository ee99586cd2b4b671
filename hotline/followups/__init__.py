"""What the desk owes: call-backs, messages, calls nobody took, each with a deadline, until somebody has done it."""
