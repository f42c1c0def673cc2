"""Run scripts of py/ in forks of one process that has imported what they need.

The start of the interpreter and the imports take nine tenths of a short script's time.
`Prefork` starts the process and makes a folder of commands with the scripts' names, for PATH or
to be called. Each passes its arguments, variables, open files and working directory on, and
ends with the script's status. PYTHON* variables, the locale, limits, capabilities and the
terminal are not passed on: for those a test starts the script itself.
"""

from __future__ import annotations

import array
import atexit
import importlib
import marshal
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

PY = Path(__file__).resolve().parents[1]
# Dask is optional and slow to import; bootstrap starts the process again.
NOT_IMPORTED = {
    "etcdlab.executor.dask_executor",
    "etcdlab.testbed.dask_cluster",
    "etcdlab.bootstrap",
}

# Imports only modules written in C, so that it starts in a few milliseconds.
COMMAND = """#!{python} -ISE
import _socket, array, marshal, os, sys
server = _socket.socket(_socket.AF_UNIX)
server.connect({address!r})
request = marshal.dumps((os.path.basename(sys.argv[0]), sys.argv[1:], dict(os.environ)))
files = array.array("i", [0, 1, 2, os.open(".", os.O_RDONLY)])
server.sendmsg([len(request).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
while request:
    request = request[server.send(request):]
status = int.from_bytes(server.recv(2), "big", signed=True)
if status < 0:
    import signal
    signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


class Prefork:
    """The process that forks, and its folder of commands, which is made in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.commands = folder / "commands"
        self.commands.mkdir()
        address = str(folder / "socket")
        command = folder / "command"
        command.write_text(COMMAND.format(python=sys.executable, address=address))
        command.chmod(0o755)
        for script in PY.glob("*.py"):
            (self.commands / script.name).symlink_to(command)
        self._process = subprocess.Popen(
            [sys.executable, __file__, address], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"

    def quick(self, words: Sequence[str | bytes]) -> list[str | bytes]:
        """Return the command line with a script of py/ replaced by its command."""
        name = Path(os.fsdecode(words[0])).name
        script, *arguments = words
        return [str(self.commands / name) if name.endswith(".py") else script, *arguments]

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


def serve(address: str) -> NoReturn:
    """Fork a script for each command that connects; kill it if its command ends before."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                pid = _fork(connection, [listener, waiting])
                ended = os.pidfd_open(pid)
                waiting.register(ended, selectors.EVENT_READ, (pid, connection))
                waiting.register(connection, selectors.EVENT_READ, (pid, ended))
            elif key.fd in waiting.get_map():
                pid, other = key.data
                connection = key.fileobj if isinstance(key.fileobj, socket.socket) else other
                if connection is key.fileobj:  # the command was killed
                    os.kill(pid, signal.SIGKILL)
                _, status = os.waitpid(pid, 0)
                waiting.unregister(key.fileobj)
                waiting.unregister(other)
                _report(connection, os.waitstatus_to_exitcode(status))
                os.close(key.fd if isinstance(other, socket.socket) else other)


def _report(connection: socket.socket, status: int) -> None:
    """Send the exit status to the command, if it still waits."""
    with suppress(OSError):
        connection.sendall(status.to_bytes(2, "big", signed=True))
    connection.close()


def _fork(connection: socket.socket, ours: list[socket.socket | selectors.BaseSelector]) -> int:
    """Read the request from the connection, and fork to run it; return the child's pid."""
    size = array.array("i").itemsize
    head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(4 * size))
    files = array.array("i", ancillary[0][2])
    request = b""
    while len(request) < int.from_bytes(head, "big"):
        request += connection.recv(1 << 20)
    pid = os.fork()
    if pid:
        for file in files:
            os.close(file)
        return pid
    for each in ours:
        each.close()
    connection.close()
    _become(*marshal.loads(request), files)
    return 0


def _become(
    name: str, arguments: list[str], variables: dict[str, str], files: array.array[int]
) -> NoReturn:
    """Run that script with the command's arguments, variables, files and folder, and exit."""
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    os.fchdir(files[3])
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(variables)
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        again = open(  # noqa: SIM115 - until the end
            number, stream.mode, encoding=stream.encoding, errors=stream.errors, closefd=False
        )
        setattr(sys, ("stdin", "stdout", "stderr")[number], again)
    sys.argv = [str(PY / name), *arguments]
    os._exit(_status_of(PY / name))


def _status_of(script: Path) -> int:
    """Run the script to its end as Python does; return its exit status."""
    status = 0
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status & 0xFF


def _import_everything() -> None:
    """Import every module of the library but NOT_IMPORTED."""
    os.environ["GRPC_VERBOSITY"] = "NONE"  # as connect() sets it, before gRPC is imported
    sys.path.insert(0, str(PY))
    for path in sorted((PY / "etcdlab").rglob("*.py")):
        name = ".".join(path.relative_to(PY).with_suffix("").parts).removesuffix(".__init__")
        if name not in NOT_IMPORTED:
            importlib.import_module(name)


if __name__ == "__main__":
    _import_everything()
    serve(sys.argv[1])
