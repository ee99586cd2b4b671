"""What holds for every test."""

from hypothesis import settings

# A busy machine makes an example slow, not wrong: tests here are never timed.
settings.register_profile("hotline", deadline=None)
settings.load_profile("hotline")
