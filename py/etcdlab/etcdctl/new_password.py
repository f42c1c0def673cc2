"""Read the password of a user that is added or changed, as etcdctl does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from etcdlab.etcdctl.errors import BAD_ARGUMENTS, CommandError


def ask_twice(name: str, write: Callable[[bytes], None]) -> str:
    """Ask for it twice, on stdout, and read it from stdin, unseen on a terminal.

    Raises CommandError if it is empty or the two differ.
    """
    password = _ask(f"Password of {name}: ", write)
    if not password:
        raise CommandError(BAD_ARGUMENTS, "empty password")
    if password != _ask(f"Type password of {name} again for confirmation: ", write):
        raise CommandError(BAD_ARGUMENTS, "given passwords are different")
    return password


def first_word() -> str:
    """The first word of stdin's first line, for --interactive=false; empty if there is none."""
    words = _line().split()
    return words[0] if words else ""


def _ask(prompt: str, write: Callable[[bytes], None]) -> str:
    with _unseen():
        write(prompt.encode("utf-8", "surrogateescape"))
        line = _line()
    write(b"\n")
    return line.strip()


def _line() -> str:
    return sys.stdin.readline() if sys.stdin else ""


@contextmanager
def _unseen() -> Iterator[None]:
    """Turn off the echo of stdin's terminal, if it is one, meanwhile."""
    if not (sys.stdin and sys.stdin.isatty()):
        yield
        return
    import termios

    before = termios.tcgetattr(sys.stdin)
    unseen = [*before]
    unseen[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, unseen)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)
