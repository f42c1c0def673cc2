"""The library of the scripts in py/.

Imports point downward only; tests/unit/test_arrows.py holds the layers.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that the checkout is in."""
