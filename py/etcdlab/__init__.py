"""What the scripts in py/ share; imported by them, never run.

Arrows point one way: scripts; then what they are made of (commands, narrator, bulk,
scanner, summary); then the client and its transports (gateway, native); then what
needs nothing else (records, errors, keys, endpoints, gotext).
"""

from etcdlab.environment import need_dependencies, quiet_interrupts

# Before anything else is imported, so that `py/etcd_faker.py` just works.
quiet_interrupts()
need_dependencies()
