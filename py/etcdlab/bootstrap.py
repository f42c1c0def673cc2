"""Find the packages that a script needs, before it imports any: every script's first import.

Under a Python that lacks them, the script starts again with the venv's. `# isort: split`
below the import keeps tools that sort imports from moving another one before it.
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
    """Return if they can be imported; else start again with the venv's Python.

    Ends the process with a line that says what to do when there is no venv.
    """
    if all(find_spec(name) for name in DEPENDENCIES):
        return
    venv = Path(os.environ.get("VENV") or ROOT / ".venv")
    python = venv / "bin" / "python"
    if Path(sys.prefix) == venv or not os.access(python, os.X_OK):
        sys.exit(f"{Path(sys.argv[0]).name}: Python packages are missing: run 'make venv'")
    os.execv(python, [str(python), *sys.orig_argv[1:]])  # noqa: S606 - the same program again


def quiet_interrupts() -> None:
    """Let Ctrl-C during imports end the process without a traceback.

    Python then ends itself with SIGINT, which a shell sees as 130.
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
