"""What the scripts in py/ share; imported by them, never run.

Arrows point one way: scripts, then engines (bulk, scanner, summary), then the
client (gateway), then what needs nothing else (errors, keys, endpoints).
"""

from etcdlab.environment import need_dependencies, quiet_interrupts

# Before anything else is imported, so that `py/etcd_faker.py` just works.
quiet_interrupts()
need_dependencies()
