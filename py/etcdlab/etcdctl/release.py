"""Which release of etcdctl to be like.

What differs between releases stands where the command or the format does: flags and help with
the release that brought them, the rest as a comparison with a Release.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TypeVar

from etcdlab.etcdctl.errors import FAILED, CommandError

FLAG, VARIABLE = "--like", "ETCDCTL_LIKE"

_Value = TypeVar("_Value")


class Release(IntEnum):
    """A minor version of etcdctl, 3.x."""

    V3_5 = 5
    V3_6 = 6
    V3_7 = 7

    @property
    def minor(self) -> str:
        """The minor version: "3.5"."""
        return f"3.{self.value}"

    @property
    def version(self) -> str:
        """The patch release whose output etcdctl.py has: "3.5.30"."""
        return _VERSIONS[self]

    def choose(self, since: Mapping[Release, _Value], default: _Value) -> _Value:
        """The value of `since`, by the release that brought it, that holds for this one."""
        held = [release for release in since if release <= self]
        return since[max(held)] if held else default


_VERSIONS = {Release.V3_5: "3.5.30", Release.V3_6: "3.6.16", Release.V3_7: "3.7.3"}
NEWEST = max(Release)


def release_of(arguments: Sequence[str]) -> Release:
    """The release that --like, else ETCDCTL_LIKE, names; the newest without either.

    Raises CommandError if it is none. Read before the command is known: its flags depend on it.
    """
    text = os.environ.get(VARIABLE, "")
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == FLAG:
            text = value if equals else "".join(arguments[index + 1 : index + 2])
    if not text:
        return NEWEST
    for release in Release:
        if text == release.minor or text.startswith(f"{release.minor}."):
            return release
    *others, last = [release.minor for release in Release]
    raise CommandError(FAILED, f"{FLAG}: {', '.join(others)} or {last}, not {text!r}")
