"""Text that is refreshed: in place on a terminal, appended in a pipe."""

from __future__ import annotations

import shutil
import sys

_HOME, _EMPTY_LINE, _BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def refresh(text: str) -> None:
    """Show the text in place of the last one; cut it to the size of the terminal."""
    if not sys.stdout.isatty():
        print(text, end="\n\n", flush=True)
        return
    size = shutil.get_terminal_size()
    lines = [line[: size.columns] for line in text.splitlines()[: size.lines - 1]]
    # Each line is emptied first: after a full one, its last character would be erased.
    body = "".join(f"{_EMPTY_LINE}{line}\n" for line in lines)
    print(_HOME + body + _BELOW, end="", flush=True)
