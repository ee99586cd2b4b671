"""Find things again: one index over calls, what was said, the duty log, what is owed and who lives here.

`words` splits text, `row` is what is kept of a thing, `query` is what somebody looks for, `hits` is what is shown.
`store` keeps the index, `follow_store` keeps it level with what other rooms write, `service` answers.
"""
