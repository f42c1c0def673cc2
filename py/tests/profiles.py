"""How many examples hypothesis tries: few by default, the full number in `make test-all`."""

from hypothesis import settings

# How long an example takes says something of the machine, and nothing of the lab.
settings.register_profile("full", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("quick")


def examples(full: int) -> int:
    """Return how many examples a test takes that takes so many in the full profile."""
    return full * settings().max_examples // 100
