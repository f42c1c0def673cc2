"""Progress on stderr: a bar on a terminal, a line every few seconds in a pipe."""

from __future__ import annotations

import sys
import time
from threading import RLock

from tqdm import tqdm

from etcdlab.cli.main import note

LINE_EVERY = 5.0  # seconds


def progress_bar(total: int | None, unit: str, is_shown: bool = True) -> tqdm:
    """A bar of `total` units, None if unknown; it shows nothing without a terminal."""
    tqdm.set_lock(RLock())  # its own would import multiprocessing
    return tqdm(
        total=total,
        unit=f" {unit}",
        file=sys.stderr,
        disable=not (is_shown and sys.stderr.isatty()),
        leave=False,
        dynamic_ncols=True,
        mininterval=0.1,
        unit_scale=True,
    )


class ScanProgress:
    """The progress of a scan: keys read, keys in all, seconds left."""

    def __init__(self, is_shown: bool = True) -> None:
        self._bar = progress_bar(0, "keys", is_shown)
        self._is_noted = is_shown and self._bar.disable
        self._begin = self._noted = time.monotonic()
        self._total = self._done = 0

    def __enter__(self) -> ScanProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def update(self, keys: int, total: int) -> None:
        """Add keys that were just read; `total` is how many there are in all."""
        self._total = total
        self._done += keys
        if not self._bar.disable:
            self._bar.total = total
            self._bar.update(keys)
            return
        now = time.monotonic()
        if self._is_noted and now - self._noted >= LINE_EVERY:
            self._noted = now
            left = (now - self._begin) * (self._total - self._done) / max(1, self._done)
            note(f"{self._done} of {self._total} keys, {left:.0f} s left")

    def start_over(self) -> None:
        """Say that the scan begins again, at a later revision."""
        note("the revision was compacted while it was read: reading a later one")
        self._bar.reset()
        self._total = self._done = 0
        self._begin = time.monotonic()
