"""The worker takes jobs from the queue (arq on Redis) and does what would hold calls up."""
