"""A scenario: one task done on all three sides, the facts, and the claims behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etcdlab.compare.sides import Sides

GROUPS = ("values", "ranges", "leases", "transactions", "watch", "errors", "auth", "limits")


class Contradiction(Exception):
    """A scenario's explanation does not hold on this etcd."""


def claim(holds: bool, what: str) -> None:
    """Raise Contradiction(`what`) unless a fact that an explanation rests on holds."""
    if not holds:
        raise Contradiction(what)


@dataclass(frozen=True)
class Facts:
    """Each side's result in a few words, equal where the results are equal."""

    etcdctl: str
    gateway: str
    native: str
    why: str = ""
    """Why they differ and what to do about it, in one sentence; empty where they do not."""

    @property
    def gave(self) -> dict[str, str]:
        """The results by side."""
        return {"etcdctl": self.etcdctl, "gateway": self.gateway, "native": self.native}

    @property
    def is_same(self) -> bool:
        """Whether all three results are equal."""
        return self.etcdctl == self.gateway == self.native


@dataclass(frozen=True)
class Scenario:
    """A task (`asked` describes it) and the function that runs it on all sides."""

    group: str
    asked: str
    run: Callable[[Sides], Facts]


def scenario(group: str, asked: str) -> Callable[[Callable[[Sides], Facts]], Scenario]:
    """Turn a function into a Scenario; `asked` describes the task in a few words."""
    return lambda run: Scenario(group, asked, run)
