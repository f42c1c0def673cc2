"""Tables of input that scripts cannot use, a module per theme.

A row is a command line for bash and what has to come of it. test_bad_input.py runs each row in
an empty folder; its docstring names the variables that are set.
"""
