"""Live words: what both sides say, on the screens while they say it, and an alarm when a word of danger falls.

`python -m hotline live` (program.py) hears; the service (listening.py, said.py) asks the switch to let it hear, and
shows. Nothing of it is kept but the alarm: the recording is.
"""
