"""Reports: how soon callers were answered and what was done for them, over any days; every figure opens its calls."""
