"""What the scripts in py/ share; imported by them, never run.

Arrows point one way: scripts; then what they are made of (commands, narrator, bulk,
scanner, summary); then the client and its transports (gateway, native); then what
needs nothing else (records, errors, keys, endpoints, gotext).
"""
