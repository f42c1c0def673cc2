"""How every script starts, is interrupted and ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from threading import Event
from types import FrameType, TracebackType
from typing import NoReturn

from etcdlab.errors import EXIT_FAILED, EXIT_INTERRUPTED, LabError


def in_a_line(text: str) -> str:
    """The text with line ends made visible: what a person typed may have some."""
    return text.replace("\n", "\\n").replace("\r", "\\r")


def note(text: str) -> None:
    """A line on stderr, after the script's name: stdout is for results."""
    # What was printed before it shall be read before it, where both go to one place.
    with suppress(OSError):
        sys.stdout.flush()
    print(f"{Path(sys.argv[0]).name}: {in_a_line(text)}", file=sys.stderr)


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """End the process with main(arguments)'s status; every error is one line."""
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A key may hold what the terminal's encoding has no bytes for.
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
    """Have SIGTERM end the process as an exit does: what `finally` and `with` end, ends too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _open_what_is_closed() -> None:
    """Where the caller closed stdout or stderr, what is written there goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - until the end


def _discard_output() -> None:
    """What is still buffered has no reader: keep the interpreter from complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Interruption:
    """While entered, Ctrl-C sets `stop` instead of raising; a second one ends the process."""

    def __init__(self) -> None:
        self.stop = Event()
        self.happened = False

    def __enter__(self) -> Interruption:
        self._before = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.happened:
            os._exit(EXIT_INTERRUPTED)
        self.happened = True
        self.stop.set()
