"""Output files, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from etcdlab.errors import LabError, UsageError


def check_writable(path: Path) -> None:
    """Raise UsageError if no file can be made there; to be called before the work."""
    try:
        target = path.resolve()
        if target.is_dir():
            raise UsageError(f"{path}: is a directory")
        if target.exists() and not target.is_file():
            return  # a pipe or a device, which opening could use up
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path}: no such directory") from error
    except PermissionError as error:
        raise UsageError(f"{path}: the directory cannot be written to") from error
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: cannot be written: {_reason(error)}") from error


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file, or raise LabError and leave the old one as it is.

    Writes into a pipe or a device, and through a link.
    """
    temporary = ""
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = file.name
            file.write(data)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise LabError(f"{path}: cannot be written: {_reason(error)}") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    """The system's message. Up to Python 3.12 a link to itself is a RuntimeError without one."""
    return getattr(error, "strerror", None) or "too many levels of symbolic links"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
