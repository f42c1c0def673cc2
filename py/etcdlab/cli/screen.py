"""What is shown again and again: in place on a terminal, one after the other in a pipe."""

from __future__ import annotations

import shutil
import sys

_HOME, _EMPTY_LINE, _BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def refresh(text: str) -> None:
    """Show the text instead of the one before; what the terminal has no lines for is left out."""
    if not sys.stdout.isatty():
        print(text, end="\n\n", flush=True)
        return
    size = shutil.get_terminal_size()
    lines = [line[: size.columns] for line in text.splitlines()[: size.lines - 1]]
    # What would be emptied after a full line is its last character.
    body = "".join(f"{_EMPTY_LINE}{line}\n" for line in lines)
    print(_HOME + body + _BELOW, end="", flush=True)
