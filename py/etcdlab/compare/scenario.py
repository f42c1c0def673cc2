"""A scenario: one thing, done in all three ways; and what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etcdlab.compare.sides import Sides

GROUPS = ("values", "ranges", "leases", "transactions", "watch", "errors", "auth", "limits")


class Contradiction(Exception):
    """The etcd at hand does not do what a scenario's explanation says."""


def claim(holds: bool, what: str) -> None:
    """Raise Contradiction unless what an explanation rests on is so."""
    if not holds:
        raise Contradiction(what)


@dataclass(frozen=True)
class Facts:
    """What each side gave, in few words; the same words where it is the same."""

    etcdctl: str
    gateway: str
    native: str
    why: str = ""
    """Where they differ: why, and what to do about it, in one sentence."""

    @property
    def gave(self) -> dict[str, str]:
        """The same, by side."""
        return {"etcdctl": self.etcdctl, "gateway": self.gateway, "native": self.native}

    @property
    def is_same(self) -> bool:
        """Whether all three gave the same."""
        return self.etcdctl == self.gateway == self.native


@dataclass(frozen=True)
class Scenario:
    """What is asked, and the function that asks it of all three."""

    group: str
    asked: str
    run: Callable[[Sides], Facts]


def scenario(group: str, asked: str) -> Callable[[Callable[[Sides], Facts]], Scenario]:
    """Make a function a Scenario: `asked` says in a few words what it is about."""
    return lambda run: Scenario(group, asked, run)
