"""The Asterisk Manager Interface (AMI): the only door for what the switch says now and what we ask of it.

In order: `framing` cuts the bytes into header blocks, `events` reads those into trade events, `actions` builds what we
ask, `client` keeps the link. Nothing of the call ledger comes from here: AMI has no memory, the ledger reads CEL.
"""
