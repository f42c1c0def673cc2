"""Progress bars: on stderr, and only where that is a terminal."""

from __future__ import annotations

import sys

from tqdm import tqdm


def progress_bar(total: int, unit: str) -> tqdm:
    """A bar of `total` units; a silent one when stderr is a pipe or a file."""
    return tqdm(
        total=total,
        unit=f" {unit}",
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
        leave=False,
        dynamic_ncols=True,
        mininterval=0.1,
        unit_scale=True,
    )
