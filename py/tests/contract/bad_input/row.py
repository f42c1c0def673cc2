"""A row of the tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Command lines that depend on what prefork.py does not pass on, or on the script's own path;
# and `-nope`, so that each script is started as a whole at least once.
_WHOLE = re.compile(
    r"PYTHON|LC_ALL|ulimit|\$BOUND|\$PLACES|script -|python3|[<>]&-|kill|timeout|setsid"
    r"|trap|\bpy/|command -v|env -i|-nope"
)


@dataclass(frozen=True)
class Row:
    """A command line and the expected outcome.

    `words` are part of the one line on stderr; without them stderr must be empty. `lines` counts
    the lines there, where notes or another program's lines come first. `printed` is part of
    stdout; without it stdout must be empty. `writes` says that keys are left in etcd, `leaves`
    names the files that are left.
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
        """Whether its scripts must not be run by prefork.py."""
        return bool(_WHOLE.search(self.command))

    @property
    def scripts(self) -> list[str]:
        """The scripts named in the command line."""
        return re.findall(r"[a-z_]+\.(?:py|sh)\b", self.command)


def rows_of(commands: str, status: int, words: str) -> list[Row]:
    """Return rows with the same outcome, one for each line of `commands`."""
    return [Row(line.strip(), status, words) for line in commands.splitlines() if line.strip()]
