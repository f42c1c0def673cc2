"""What scripts are given that they cannot use: tables of it, a module to each theme.

A row is a command line as bash takes it, in a folder of its own that is empty, and what
has to come of it. `py/tests/test_bad_input.py` runs them; its docstring says with what.
"""
