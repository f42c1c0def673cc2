"""Faults under load, and whether anything that was acknowledged is lost by them."""
