"""Faults of members: killed, or frozen."""

from __future__ import annotations

from etcdlab.chaos.cluster import Member
from etcdlab.chaos.faults.context import FaultContext


def kill(context: FaultContext, *members: Member) -> None:
    """Kill the members with SIGKILL, and start them again on the same data."""
    for member in members:
        member.etcd.kill()
    context.wait()
    for member in members:
        member.etcd.start()


def kill_follower(context: FaultContext) -> None:
    """Kill a member that does not lead."""
    kill(context, _follower(context))


def kill_leader(context: FaultContext) -> None:
    """Kill the member that leads."""
    kill(context, context.cluster.leader())


def kill_all(context: FaultContext) -> None:
    """Kill all members at once."""
    kill(context, *context.cluster.members)


def freeze(context: FaultContext, member: Member) -> None:
    """Stop the member with SIGSTOP for longer than an election takes, then let it go on."""
    member.etcd.freeze()
    context.wait()
    member.etcd.thaw()


def freeze_follower(context: FaultContext) -> None:
    """Freeze a member that does not lead."""
    freeze(context, _follower(context))


def freeze_leader(context: FaultContext) -> None:
    """Freeze the member that leads."""
    freeze(context, context.cluster.leader())


def _follower(context: FaultContext) -> Member:
    return context.cluster.follower(context.injection.victim)
