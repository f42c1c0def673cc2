"""The walkthroughs in Python: they print the same as those in shell."""
