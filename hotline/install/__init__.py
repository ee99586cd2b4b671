"""From a bare machine to a running system, and back: nothing here is imported by the running service."""
