"""Faults of the network: between members, and between clients and a member."""

from __future__ import annotations

from etcdlab.chaos.faults.context import FaultContext
from etcdlab.testbed.proxy import Mode


def partition(context: FaultContext) -> None:
    """Cut a member off from its peers; its clients still reach it."""
    context.cluster.partition(context.victim)
    context.wait()
    context.cluster.heal()


def bad_network(context: FaultContext, mode: Mode) -> None:
    """Set the proxy between clients and one member to `mode`, and back."""
    proxy = context.victim.clients
    proxy.set_mode(mode)
    context.wait()
    proxy.set_mode("pass")
