"""Other programs are told what happens at the desk: signed messages, each once, kept and tried again."""
