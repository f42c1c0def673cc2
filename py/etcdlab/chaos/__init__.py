"""Inject faults into a cluster under traffic, and find what it loses of what it acknowledged."""
