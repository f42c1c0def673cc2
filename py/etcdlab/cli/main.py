"""The start, the interruption and the end of every script."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from threading import Event
from types import FrameType
from typing import NoReturn

from etcdlab.errors import EXIT_FAILED, EXIT_INTERRUPTED, LabError


def in_a_line(text: str) -> str:
    """Escape line ends, which an argument may have."""
    return text.replace("\n", "\\n").replace("\r", "\\r")


def note(text: str) -> None:
    """Print a line on stderr, after the script's name."""
    # Keeps the order where stdout and stderr are the same file.
    with suppress(OSError):
        sys.stdout.flush()
    print(f"{Path(sys.argv[0]).name}: {in_a_line(text)}", file=sys.stderr)


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Exit with the status that main(arguments) returns; print an error as one line."""
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A key may have characters that the terminal's encoding lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except LabError as error:
        note(error.with_advice)
        status = error.status
    except KeyboardInterrupt:
        note("interrupted")
        status = EXIT_INTERRUPTED
    except BrokenPipeError:
        status = EXIT_FAILED
        _discard_output()
    except OSError as error:
        note(f"cannot write the output: {error.strerror}")
        status = EXIT_FAILED
        _discard_output()
    sys.exit(status)


def exit_on_sigterm() -> None:
    """Turn SIGTERM into SystemExit, so that `finally` and `with` clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _open_what_is_closed() -> None:
    """Open the null device in place of a stdout or stderr that the caller closed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - until the end


def _discard_output() -> None:
    """Keep the interpreter from flushing into the broken stdout at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Interruption:
    """While entered, the first Ctrl-C sets `stop`; a second one ends the process."""

    def __init__(self) -> None:
        self.stop = Event()
        self.happened = False

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.happened:
            os._exit(EXIT_INTERRUPTED)
        self.happened = True
        self.stop.set()
