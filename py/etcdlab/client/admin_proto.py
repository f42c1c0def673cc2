"""The messages of gRPC for the requests in admin.py, made from JSON and read as such."""

from __future__ import annotations

from typing import NamedTuple

from etcd3.etcdrpc import rpc_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.json_format import MessageToDict, ParseDict

from etcdlab.client.json_codec import Json
from etcdlab.client.proto_codec import Message

# The gRPC method of each path, and the name that its messages begin with.
_METHODS = {
    "auth/enable": ("Auth/AuthEnable", "AuthEnable"),
    "auth/disable": ("Auth/AuthDisable", "AuthDisable"),
    "auth/status": ("Auth/AuthStatus", "AuthStatus"),
    "auth/user/add": ("Auth/UserAdd", "AuthUserAdd"),
    "auth/user/get": ("Auth/UserGet", "AuthUserGet"),
    "auth/user/list": ("Auth/UserList", "AuthUserList"),
    "auth/user/delete": ("Auth/UserDelete", "AuthUserDelete"),
    "auth/user/changepw": ("Auth/UserChangePassword", "AuthUserChangePassword"),
    "auth/user/grant": ("Auth/UserGrantRole", "AuthUserGrantRole"),
    "auth/user/revoke": ("Auth/UserRevokeRole", "AuthUserRevokeRole"),
    "auth/role/add": ("Auth/RoleAdd", "AuthRoleAdd"),
    "auth/role/get": ("Auth/RoleGet", "AuthRoleGet"),
    "auth/role/list": ("Auth/RoleList", "AuthRoleList"),
    "auth/role/delete": ("Auth/RoleDelete", "AuthRoleDelete"),
    "auth/role/grant": ("Auth/RoleGrantPermission", "AuthRoleGrantPermission"),
    "auth/role/revoke": ("Auth/RoleRevokePermission", "AuthRoleRevokePermission"),
    "cluster/member/add": ("Cluster/MemberAdd", "MemberAdd"),
    "cluster/member/remove": ("Cluster/MemberRemove", "MemberRemove"),
    "cluster/member/update": ("Cluster/MemberUpdate", "MemberUpdate"),
    "cluster/member/promote": ("Cluster/MemberPromote", "MemberPromote"),
    "maintenance/alarm": ("Maintenance/Alarm", "Alarm"),
    "maintenance/hashkv": ("Maintenance/HashKV", "HashKV"),
    "maintenance/transfer-leadership": ("Maintenance/MoveLeader", "MoveLeader"),
}


class _Field(NamedTuple):
    """A field: its type is a number of FieldDescriptorProto, or a message's name."""

    name: str
    number: int
    type: int | str
    is_repeated: bool = False


_HEADER = _Field("header", 1, ".etcdserverpb.ResponseHeader")
_ID = _Field("ID", 1, Field.TYPE_UINT64)
_MEMBERS = [_HEADER, _Field("members", 2, ".etcdlab.Member", True)]
# Messages that are younger than the stubs, or have younger fields or types.
_YOUNGER = {
    "UserAddOptions": [_Field("no_password", 1, Field.TYPE_BOOL)],
    "AuthUserAddRequest": [
        _Field("name", 1, Field.TYPE_STRING),
        _Field("password", 2, Field.TYPE_STRING),
        _Field("options", 3, ".etcdlab.UserAddOptions"),
    ],
    "AuthRoleRevokePermissionRequest": [
        _Field("role", 1, Field.TYPE_STRING),
        _Field("key", 2, Field.TYPE_BYTES),
        _Field("range_end", 3, Field.TYPE_BYTES),
    ],
    "AuthStatusRequest": [],
    "AuthStatusResponse": [
        _HEADER,
        _Field("enabled", 2, Field.TYPE_BOOL),
        _Field("authRevision", 3, Field.TYPE_UINT64),
    ],
    "HashKVResponse": [
        _HEADER,
        _Field("hash", 2, Field.TYPE_UINT32),
        _Field("compact_revision", 3, Field.TYPE_INT64),
        _Field("hash_revision", 4, Field.TYPE_INT64),
    ],
    "Member": [
        _ID,
        _Field("name", 2, Field.TYPE_STRING),
        _Field("peerURLs", 3, Field.TYPE_STRING, True),
        _Field("clientURLs", 4, Field.TYPE_STRING, True),
        _Field("isLearner", 5, Field.TYPE_BOOL),
    ],
    "MemberAddRequest": [
        _Field("peerURLs", 1, Field.TYPE_STRING, True),
        _Field("isLearner", 2, Field.TYPE_BOOL),
    ],
    "MemberAddResponse": [
        _HEADER,
        _Field("member", 2, ".etcdlab.Member"),
        _Field("members", 3, ".etcdlab.Member", True),
    ],
    "MemberRemoveResponse": _MEMBERS,
    "MemberUpdateResponse": _MEMBERS,
    "MemberPromoteRequest": [_ID],
    "MemberPromoteResponse": _MEMBERS,
}


class Call(NamedTuple):
    """A gRPC call: the method's path, the request, and the class of the reply."""

    method: str
    request: Message
    reply: type[Message]


def call_of(path: str, body: Json) -> Call:
    """The call that the gateway makes of a request."""
    method, name = _METHODS[path]
    request = ParseDict(body, _message(f"{name}Request")())
    return Call(f"/etcdserverpb.{method}", request, _message(f"{name}Response"))


def to_json(reply: Message) -> Json:
    """A reply as the gateway writes it."""
    return dict(MessageToDict(reply, preserving_proto_field_name=True))


def _message(name: str) -> type[Message]:
    if name not in _YOUNGER:
        return type(getattr(rpc_pb2, name)())
    full = f"etcdlab.{name}"
    pool = descriptor_pool.Default()
    try:
        found = pool.FindMessageTypeByName(full)
    except KeyError:
        pool.Add(_younger_file())
        found = pool.FindMessageTypeByName(full)
    return message_factory.GetMessageClass(found)


def _younger_file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="etcdlab/younger.proto",
        package="etcdlab",
        syntax="proto3",
        dependency=[rpc_pb2.DESCRIPTOR.name],
    )
    for name, fields in _YOUNGER.items():
        message = file.message_type.add(name=name)
        for field in fields:
            label = Field.LABEL_REPEATED if field.is_repeated else Field.LABEL_OPTIONAL
            kind = "type" if isinstance(field.type, int) else "type_name"
            of_type = {kind: field.type}
            message.field.add(name=field.name, number=field.number, label=label, **of_type)
    return file
