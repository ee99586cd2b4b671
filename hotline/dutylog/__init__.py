"""The duty log (值班记录): every call in a shift written down, drafted by us and confirmed by a person.

`entry` is what an entry is, `draft` writes one from a call, `store` keeps them, `service` draws and redraws drafts.
"""
