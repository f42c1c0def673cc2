"""Exit statuses, and the errors that cause them.

The same statuses as in scripts/lib/messages.sh; README.md has the table.
"""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_INTERRUPTED = 130


class LabError(Exception):
    """An error that is reported in one line; `status` is the script's exit status."""

    status = EXIT_FAILED

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the error whatever its constructor takes."""
        return _again, (type(self), self.args, self.__dict__)

    @property
    def advice(self) -> str:
        """What a person can do about it; empty if the text says enough."""
        return ""

    @property
    def with_advice(self) -> str:
        """The text, and what a person can do about it."""
        return "; ".join(filter(None, (str(self), self.advice)))


def _again(kind: type[LabError], args: tuple[object, ...], state: dict[str, object]) -> LabError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(LabError):
    """An invalid flag, variable or argument."""

    status = EXIT_USAGE


class UnsupportedFormat(LabError):
    """An output format that does not support a reply; the text is etcdctl's."""


class Unreachable(LabError):
    """No endpoint took the connection, so nothing was sent."""

    status = EXIT_UNREACHABLE

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}; start an etcd with 'make up'")
        self.endpoint = endpoint


class Untrusted(LabError):
    """TLS failed, on either side: nothing was sent, and a retry will not help."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}")


class ConnectionLost(LabError):
    """The connection ended or timed out before the whole reply was there.

    etcd may have carried the request out.
    """

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}")


class ReplyTooLarge(LabError):
    """A reply is larger than the caller allows: ask for less at a time."""

    def __init__(self, endpoint: str, most_bytes: float) -> None:
        super().__init__(f"{endpoint}: a reply of more than {most_bytes} bytes")


# Advice by etcd's words: https://github.com/etcd-io/etcd/blob/main/api/v3rpc/rpctypes/error.go
_ADVICE = {
    "database space exceeded": "'make tidy' gives space back",
    "permission denied": "'etcdctl role grant-permission' lets the user do so",
    "user name is empty": "say who you are with -user",
    "invalid auth token": "the user was changed meanwhile: start again",
    "lease not found": "it ran out during the load: use a longer -ttl",
}


# gRPC's codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
UNKNOWN = 2
_DEADLINE_EXCEEDED, _PERMISSION_DENIED, _UNAVAILABLE = 4, 7, 14


class ServerError(LabError):
    """etcd refused. `code` is the gRPC status code, `message` etcd's own text."""

    def __init__(self, endpoint: str, code: int, message: str) -> None:
        super().__init__(f"{endpoint}: {message}")
        self.code = code
        self.message = message

    @property
    def advice(self) -> str:
        """The advice that fits etcd's words."""
        advices = (advice for text, advice in _ADVICE.items() if text in self.message)
        return next(advices, "")

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed a little later.

        Unavailable (no leader, leader changed, timed out) and DeadlineExceeded pass. So does
        "too many requests", unlike the NOSPACE alarm with the same code 8. A put without a
        quorum has code 2 up to etcd 3.5.1. The gateway of a member that is shutting down says
        that its own connection is closing.
        """
        passing = (
            "too many requests",
            "context deadline exceeded",
            "request timed out",
            "client connection is closing",
        )
        codes = (_DEADLINE_EXCEEDED, _UNAVAILABLE)
        return self.code in codes or any(text in self.message for text in passing)

    @property
    def is_stale_token(self) -> bool:
        """Whether a new token for the same user may help."""
        stale = ("invalid auth token", "revision of auth store is old", "user name is empty")
        return any(text in self.message for text in stale)

    @property
    def is_denied(self) -> bool:
        """Whether the user lacks the permission."""
        return self.code == _PERMISSION_DENIED

    @property
    def is_out_of_space(self) -> bool:
        """Whether a member has reached its quota, so that it takes no writes."""
        return "database space exceeded" in self.message

    @property
    def is_compacted(self) -> bool:
        """Whether the requested revision has been compacted."""
        return "required revision has been compacted" in self.message

    @property
    def is_too_large(self) -> bool:
        """Whether fewer or smaller operations in one request would be accepted."""
        limits = ("too many operations in txn", "request is too large", "larger than max")
        return any(text in self.message for text in limits)
