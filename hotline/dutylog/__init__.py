"""The duty log (值班记录): every call in a shift written down, by a draft that writes itself and a person who confirms it.

`entry` is what an entry is, `draft` writes one from a call, `store` keeps them, `service` draws and redraws drafts.
"""
