"""The call ledger: one row per call, built from what Asterisk wrote down itself (its channel event log, CEL).

In order: `cel` reads the log by cursor, `story` turns its rows into call events, `ledger` folds those into one record
by the table in `state`, `store` keeps it, `service` runs the loop.
"""
