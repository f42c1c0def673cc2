"""Requests of administration: users, roles, members and alarms, the same over both transports.

They are rare, so the native client too builds them from the gateway's JSON, and reads its reply
as such. https://github.com/etcd-io/etcd/blob/main/api/etcdserverpb/rpc.proto
"""

from __future__ import annotations

import os
from binascii import a2b_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from etcdlab.client.json_codec import Json, base64, decode_alarms, decode_header, decode_members
from etcdlab.client.types import Alarm, Header, Member
from etcdlab.errors import LabError

_Reply = TypeVar("_Reply")

PermissionType = Literal["READ", "WRITE", "READWRITE"]


@dataclass(frozen=True)
class Request(Generic[_Reply]):
    """A request: the gateway's path after /v3/, its body, and the decoder of its reply.

    `decode` raises TypeError, ValueError, KeyError or AttributeError for a reply that is not
    etcd's. LabError for a text that is not UTF-8, which neither transport takes.
    """

    path: str
    body: Json
    decode: Callable[[Json], _Reply]

    def __post_init__(self) -> None:
        for text in filter(lambda value: isinstance(value, str), self.body.values()):
            try:
                text.encode()
            except UnicodeEncodeError as error:  # bytes that are not UTF-8 come as surrogates
                raise LabError(f"not UTF-8: {os.fsencode(text)!r}") from error


class Names(NamedTuple):
    """Names of users or roles."""

    header: Header
    names: list[str]


class Permission(NamedTuple):
    """What a role may do with the keys in [key, range_end), or `key` alone without an end."""

    type: PermissionType
    key: bytes
    range_end: bytes


class Role(NamedTuple):
    """A role's permissions."""

    header: Header
    permissions: list[Permission]


class AuthStatus(NamedTuple):
    """Whether authentication is on, and the revision of users and roles."""

    header: Header
    enabled: bool
    revision: int


class Membership(NamedTuple):
    """The members after a change, and the one that was added, if one was."""

    header: Header
    added: Member | None
    members: list[Member]


class HashKV(NamedTuple):
    """The hash of a member's keys since the last compaction.

    `hash_revision`, up to which it is, is etcd's since 3.6, and 0 before.
    """

    header: Header
    hash: int
    compact_revision: int
    hash_revision: int


class Alarms(NamedTuple):
    """The alarms that are raised, or were."""

    header: Header
    alarms: list[Alarm]


def auth_enable() -> Request[Header]:
    """Turn authentication on; the user root must have the role root."""
    return Request("auth/enable", {}, decode_header)


def auth_disable() -> Request[Header]:
    """Turn authentication off."""
    return Request("auth/disable", {}, decode_header)


def auth_status() -> Request[AuthStatus]:
    """Ask whether authentication is on; etcd has it since 3.5."""

    def decode(reply: Json) -> AuthStatus:
        revision = int(reply.get("authRevision", "0"))
        return AuthStatus(decode_header(reply), reply.get("enabled", False) is True, revision)

    return Request("auth/status", {}, decode)


def user_add(name: str, password: str, no_password: bool = False) -> Request[Header]:
    """Add a user; one without a password logs in by certificate."""
    body: Json = {"name": name, "password": password}
    if no_password:
        body = {"name": name, "options": {"no_password": True}}
    return Request("auth/user/add", body, decode_header)


def user_get(name: str) -> Request[Names]:
    """List the roles of a user."""
    return Request("auth/user/get", {"name": name}, _names("roles"))


def user_list() -> Request[Names]:
    """List all users."""
    return Request("auth/user/list", {}, _names("users"))


def user_delete(name: str) -> Request[Header]:
    """Delete a user."""
    return Request("auth/user/delete", {"name": name}, decode_header)


def user_passwd(name: str, password: str) -> Request[Header]:
    """Change a user's password, which takes its tokens away."""
    return Request("auth/user/changepw", {"name": name, "password": password}, decode_header)


def user_grant_role(user: str, role: str) -> Request[Header]:
    """Grant a role to a user."""
    return Request("auth/user/grant", {"user": user, "role": role}, decode_header)


def user_revoke_role(user: str, role: str) -> Request[Header]:
    """Revoke a role from a user."""
    return Request("auth/user/revoke", {"name": user, "role": role}, decode_header)


def role_add(name: str) -> Request[Header]:
    """Add a role."""
    return Request("auth/role/add", {"name": name}, decode_header)


def role_get(name: str) -> Request[Role]:
    """Read a role's permissions."""
    return Request("auth/role/get", {"role": name}, _role)


def role_list() -> Request[Names]:
    """List all roles."""
    return Request("auth/role/list", {}, _names("roles"))


def role_delete(name: str) -> Request[Header]:
    """Delete a role."""
    return Request("auth/role/delete", {"role": name}, decode_header)


def role_grant_permission(role: str, permission: Permission) -> Request[Header]:
    """Grant a permission to a role, in place of one for the same keys."""
    may: Json = {"permType": permission.type, "key": base64(permission.key)}
    may["range_end"] = base64(permission.range_end)
    return Request("auth/role/grant", {"name": role, "perm": may}, decode_header)


def role_revoke_permission(role: str, key: bytes, range_end: bytes) -> Request[Header]:
    """Revoke a role's permission for exactly these keys."""
    body = {"role": role, "key": base64(key), "range_end": base64(range_end)}
    return Request("auth/role/revoke", body, decode_header)


def member_add(peer_urls: Sequence[str], learner: bool = False) -> Request[Membership]:
    """Add a member that will listen there, as a learner if asked."""
    body: Json = {"peerURLs": list(peer_urls)} | ({"isLearner": True} if learner else {})
    return Request("cluster/member/add", body, _membership)


def member_remove(member: int) -> Request[Membership]:
    """Remove a member."""
    return Request("cluster/member/remove", {"ID": str(member)}, _membership)


def member_update(member: int, peer_urls: Sequence[str]) -> Request[Membership]:
    """Change where a member listens for its peers."""
    body: Json = {"ID": str(member), "peerURLs": list(peer_urls)}
    return Request("cluster/member/update", body, _membership)


def member_promote(member: int) -> Request[Membership]:
    """Make a learner a voting member."""
    return Request("cluster/member/promote", {"ID": str(member)}, _membership)


def hash_kv(revision: int = 0) -> Request[HashKV]:
    """Ask a member for the hash of its keys up to a revision, 0 for all."""

    def decode(reply: Json) -> HashKV:
        numbers = [
            int(reply.get(name, 0)) for name in ("hash", "compact_revision", "hash_revision")
        ]
        return HashKV(decode_header(reply), *numbers)

    return Request("maintenance/hashkv", {"revision": revision}, decode)


def move_leader(target: int) -> Request[Header]:
    """Have the leader hand over to the member `target`; only the leader itself does."""
    body = {"targetID": str(target)}
    return Request("maintenance/transfer-leadership", body, decode_header)


def alarm_list() -> Request[Alarms]:
    """List the alarms that are raised."""
    return Request("maintenance/alarm", {}, _alarms)


def alarm_disarm(alarm: Alarm) -> Request[Alarms]:
    """Disarm an alarm; the reply has it."""
    body = {"action": "DEACTIVATE", "memberID": str(alarm.member_id), "alarm": alarm.name}
    return Request("maintenance/alarm", body, _alarms)


def _names(field: str) -> Callable[[Json], Names]:
    def decode(reply: Json) -> Names:
        names = reply.get(field, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError(field)
        return Names(decode_header(reply), names)

    return decode


def _role(reply: Json) -> Role:
    return Role(decode_header(reply), [_permission(each) for each in reply.get("perm", [])])


def _permission(perm: dict[str, Any]) -> Permission:
    kind = perm.get("permType", "READ")
    if kind not in ("READ", "WRITE", "READWRITE"):
        raise ValueError("permType")
    key, range_end = (a2b_base64(perm.get(name, "")) for name in ("key", "range_end"))
    return Permission(kind, key, range_end)


def _membership(reply: Json) -> Membership:
    found = decode_members(reply)
    added = [reply["member"]] if "member" in reply else []
    new = decode_members(reply | {"members": added}).members
    return Membership(found.header, new[0] if new else None, found.members)


def _alarms(reply: Json) -> Alarms:
    # etcd 3.4 sets no header.
    header = decode_header(reply) if "header" in reply else Header()
    return Alarms(header, decode_alarms(reply))
