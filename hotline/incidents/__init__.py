"""Many calls from one building are one incident: told to the next callers, who may register to be told when it ends."""
