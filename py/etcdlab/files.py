"""Files that a script leaves: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from etcdlab.errors import LabError, UsageError


def check_writable(path: Path) -> None:
    """UsageError where no file of that name can be made: better before the work than after."""
    if path.is_dir():
        raise UsageError(f"{path}: is a directory")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: no such directory")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{path}: the directory cannot be written to")


def write_whole(path: Path, data: bytes) -> None:
    """Write the file, or leave what was there as it is and raise LabError.

    A pipe or a device is written to; a link stays one.
    """
    path = path.resolve()
    temporary = ""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = file.name
            file.write(data)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise LabError(f"{path}: cannot be written: {error.strerror}") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
