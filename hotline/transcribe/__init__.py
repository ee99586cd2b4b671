"""From the two finished files of a recording to one conversation.

In order: `audio` opens and checks a leg, an engine behind `recogniser` (`vosk_engine` or `whisper_engine`, chosen by
`engines`) hears its words, `transcript` makes turns of them and lays both legs into one conversation; `pool` runs all
hearing in a process of its own.
"""
