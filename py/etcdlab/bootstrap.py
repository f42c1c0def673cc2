"""Restart a script with the venv's Python if packages are missing: every script's first import.

`# isort: split` below the import keeps it first when imports are sorted.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from etcdlab import ROOT

DEPENDENCIES = (
    "cryptography", "ddsketch", "etcd3", "faker", "grpc", "httptools", "orjson", "plotly",
    "prometheus_client", "requests", "tabulate", "tqdm", "trustme",
)  # fmt: skip


def need_dependencies() -> None:
    """Return if the packages can be imported; else run the script with the venv's Python.

    Exits with a line that says what to do if there is no venv.
    """
    if all(find_spec(name) for name in DEPENDENCIES):
        return
    venv = Path(os.environ.get("VENV") or ROOT / ".venv")
    python = venv / "bin" / "python"
    if Path(sys.prefix) == venv or not os.access(python, os.X_OK):
        sys.exit(f"{Path(sys.argv[0]).name}: Python packages are missing: run 'make venv'")
    os.execv(python, [str(python), *sys.orig_argv[1:]])  # noqa: S606 - the same program again


def quiet_interrupts() -> None:
    """Make Ctrl-C during imports end the process without a traceback.

    Python then dies of SIGINT, which a shell reports as 130.
    """
    show_error = sys.excepthook

    def hook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            show_error(kind, error, traceback)

    sys.excepthook = hook


quiet_interrupts()
need_dependencies()
