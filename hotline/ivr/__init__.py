"""What a caller hears before an agent: the menu, led over FastAGI, always under a lease (see extensions.conf.j2).

In order: `agi` takes the caller over, `session` walks them, `menu` decides, `prompts` knows every sound and its length.
"""
