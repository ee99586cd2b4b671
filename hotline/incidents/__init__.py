"""Many calls from one building: one incident, told to the next callers, who may register and are told when it is over."""
