"""The walkthroughs in Python, which print what the shell's print."""
