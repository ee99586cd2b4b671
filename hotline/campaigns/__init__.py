"""Calling out: call-backs, fee reminders and notices that never ring twice and never at the wrong door."""
