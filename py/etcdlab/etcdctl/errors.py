"""How a command ends early: with one of etcdctl's statuses, or a curl command to print."""

from __future__ import annotations

from etcdlab.errors import LabError

# etcdctl's exit statuses: https://github.com/etcd-io/etcd/blob/main/pkg/cobrautl/error.go
FAILED = 1
BAD_CONNECTION = 2
PANIC = 2  # a Go program's own
INVALID_INPUT = 3
BAD_FEATURE = 4
INTERRUPTED = 5
BAD_ARGUMENTS = 128


class CommandError(LabError):
    """A command that failed with one of etcdctl's statuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def not_here(what: str) -> CommandError:
    """The error for a command or flag that only etcdctl has."""
    return CommandError(FAILED, f"{what}: etcdctl has it, this one does not")


class CurlLine(Exception):
    """A request under --as-curl, which is not sent: the curl command that would send it."""


def said(error: LabError) -> str:
    """What etcdctl would say: etcd's own words where etcd spoke."""
    return getattr(error, "message", str(error))
