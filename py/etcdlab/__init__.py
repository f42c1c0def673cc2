"""What the scripts in py/ share; imported by them, never run.

Imports point downward only; tests/unit/test_arrows.py holds the layers.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this is in."""
