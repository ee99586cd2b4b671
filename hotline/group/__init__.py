"""Many centres beside one another: each is read through its API, nothing of a resident is kept."""
