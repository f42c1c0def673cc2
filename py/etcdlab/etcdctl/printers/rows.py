"""The cells of members and endpoints, as -w simple and -w table have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etcdlab.client import types
from etcdlab.etcdctl.printers.base import Health
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import duration, human_bytes

if TYPE_CHECKING:
    from etcdlab.client import admin

Row = tuple[str, ...]

MEMBER_HEAD = ("ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner")
HEALTH_HEAD = ("endpoint", "health", "took", "error")


def member_row(member: types.Member) -> Row:
    """The cells of a member."""
    return (
        f"{member.id:x}",
        "started" if member.name else "unstarted",
        member.name,
        ",".join(member.peer_urls),
        ",".join(member.client_urls),
        str(member.is_learner).lower(),
    )


def health_row(check: Health) -> Row:
    """The cells of an endpoint's health."""
    is_healthy = str(not check.error).lower()
    return check.endpoint, is_healthy, duration(check.seconds), check.error


def hash_head(release: Release) -> Row:
    """The head of endpoint hashkv."""
    return "endpoint", "hash", *(["hash_revision"] * (release >= Release.V3_6))


def hash_row(release: Release, endpoint: str, reply: admin.HashKV) -> Row:
    """The cells of an endpoint's hash."""
    return endpoint, str(reply.hash), *([str(reply.hash_revision)] * (release >= Release.V3_6))


def status_head(release: Release) -> Row:
    """The head of endpoint status."""
    is_new = release >= Release.V3_6
    return (
        *("endpoint", "ID", "version"),
        *(("storage version", "db size", "in use", "percentage not in use", "quota") if is_new
          else ("db size",)),
        *("is leader", "is learner", "raft term", "raft index", "raft applied index", "errors"),
        *(("downgrade target version", "downgrade enabled") if is_new else ()),
    )  # fmt: skip


def status_row(release: Release, endpoint: str, status: types.Status) -> Row:
    """The cells of an endpoint's status."""
    sizes: tuple[str, ...] = (human_bytes(status.db_size),)
    downgrade: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    if release >= Release.V3_6:
        free = 100 - status.db_size_in_use * 100 // (status.db_size or 1)
        sizes += (human_bytes(status.db_size_in_use), f"{free}%", human_bytes(status.db_size_quota))
        storage = (status.storage_version,)
        target = status.downgrade or types.Downgrade()
        downgrade = (target.target_version, str(target.enabled).lower())
    return (
        endpoint,
        f"{status.header.member_id:x}",
        status.version,
        *storage,
        *sizes,
        str(status.leader == status.header.member_id).lower(),
        str(status.is_learner).lower(),
        str(status.raft_term),
        str(status.raft_index),
        str(status.raft_applied_index),
        ", ".join(status.errors),
        *downgrade,
    )
