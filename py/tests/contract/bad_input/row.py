"""One line of the tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a fork of a running Python cannot have of its own, or only a script's own place shows;
# and `-nope`, so that each script is run as a whole at least once.
_WHOLE = re.compile(
    r"PYTHON|LC_ALL|ulimit|\$BOUND|\$PLACES|script -|python3|[<>]&-|kill|timeout|setsid"
    r"|trap|\bpy/|command -v|env -i|-nope"
)


@dataclass(frozen=True)
class Row:
    """A command line, and what has to come of it.

    `words` are part of the one line on stderr; without any there must be none. `lines` is for
    rows where a note, or what another program says, rightly comes before it. `printed` is
    part of what is on stdout, and without it nothing may be there. `writes` is for rows that
    rightly leave keys in etcd, `leaves` for the files that they rightly leave.
    """

    command: str
    status: int
    words: str = ""
    printed: str = ""
    writes: bool = False
    lines: int = 1
    leaves: tuple[str, ...] = ()

    @property
    def needs_an_interpreter(self) -> bool:
        """Whether its scripts must be started as a person starts them (see prefork.py)."""
        return bool(_WHOLE.search(self.command))

    @property
    def scripts(self) -> list[str]:
        """The scripts that the command line names."""
        return re.findall(r"[a-z_]+\.(?:py|sh)\b", self.command)


def rows_of(commands: str, status: int, words: str) -> list[Row]:
    """Rows that end alike: a command to each line of `commands`."""
    return [Row(line.strip(), status, words) for line in commands.splitlines() if line.strip()]
