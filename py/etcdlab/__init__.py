"""What the scripts in py/ share; imported by them, never run.

Imports point downward only; tests/unit/test_arrows.py holds the layers.
"""
