"""The three sides: etcdctl, HTTP and python-etcd3, as their users have them.

No code of the lab's own clients is in between.
"""

from __future__ import annotations

import os
import signal
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import etcd3
import orjson

from etcdlab.client.connect import Settings, environment_of
from etcdlab.compare.connections import client_to, session_to

ETCDCTL_DEADLINE = 30  # seconds
HTTP_DEADLINE = 15

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """The end of an etcdctl command: exit status, stdout, the last error on stderr."""

    status: int
    stdout: bytes
    error: str

    @property
    def json(self) -> Json:
        """The object that -w json printed."""
        return dict(orjson.loads(self.stdout))


class Etcdctl:
    """The real etcdctl."""

    def __init__(self, program: Path, settings: Settings) -> None:
        self.program = program
        self._settings = settings

    def _environment(self, user: str = "") -> dict[str, str]:
        """This process's environment, with etcdctl's variables replaced by the settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ETCDCTL_")}
        own = environment_of(self._settings)
        return kept | own | ({"ETCDCTL_USER": user} if user else {})

    def start(self, *words: str | bytes) -> subprocess.Popen[bytes]:
        """Start a command that the caller ends; stderr is dropped.

        SIGINT ends it even if this process ignores SIGINT, as a shell's background jobs do.
        """
        with _heeding_sigint():
            return subprocess.Popen(
                [str(self.program), *words],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment(),
            )

    def run(self, *words: str | bytes, stdin: bytes = b"", user: str = "") -> Ran:
        """Run a command to its end, at most ETCDCTL_DEADLINE; `user` is name:password."""
        done = subprocess.run(
            [str(self.program), *words],
            input=stdin,
            capture_output=True,
            env=self._environment(user),
            timeout=ETCDCTL_DEADLINE,
        )
        lines = done.stderr.decode(errors="replace").splitlines()
        words = [line for line in lines if line.strip() and not line.startswith("{")]
        errors = [line for line in words if line.startswith("Error: ")] or words
        return Ran(done.returncode, done.stdout, errors[-1] if errors else "")


@contextmanager
def _heeding_sigint() -> Iterator[None]:
    """Have what is started meanwhile heed SIGINT: a handler, unlike to ignore it, is not
    inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Answer:
    """The gateway's HTTP status and body."""

    status: int
    body: bytes

    @property
    def json(self) -> Json:
        """The body as an object; empty if it is none."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def kvs(self) -> list[Json]:
        """The key-values of a range as JSON: bytes are base64."""
        return list(self.json.get("kvs", []))

    @property
    def is_first_generation(self) -> bool:
        """Whether an error is grpc-gateway v1's, which has its text twice."""
        return "error" in self.json


class Http:
    """The JSON gateway, with `requests` alone."""

    def __init__(self, settings: Settings) -> None:
        self.endpoint = settings.endpoints[0]
        self.session = session_to(settings)

    def post(self, path: str, body: Json | bytes, token: str = "") -> Answer:
        """POST to /v3/`path`; the caller encodes bytes in `body` with b64()."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": token} if token else {}
        url = f"{self.endpoint}/v3/{path}"
        reply = self.session.post(url, data=data, headers=headers, timeout=HTTP_DEADLINE)
        return Answer(reply.status_code, reply.content)

    @contextmanager
    def stream(
        self, path: str, body: Json | bytes, seconds: float = 5.0
    ) -> Iterator[Iterator[Json]]:
        """Yield the frames of an endless reply; reading one may take `seconds`."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        url = f"{self.endpoint}/v3/{path}"
        with self.session.post(url, data=data, stream=True, timeout=(5, seconds)) as reply:
            yield (orjson.loads(line) for line in reply.iter_lines(chunk_size=None) if line)


def b64(data: bytes) -> str:
    """Base64 of bytes."""
    return b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Bytes of base64."""
    return b64decode(text)


@dataclass
class Sides:
    """The three sides, and the prefix of the current scenario's keys."""

    etcdctl: Etcdctl
    http: Http
    native: etcd3.MultiEndpointEtcd3Client
    settings: Settings
    """They have one endpoint."""
    version: str
    """etcd's version."""
    prefix: bytes = b""

    def is_since(self, *releases: str) -> bool:
        """Whether etcd has a change that came with `releases`, one of each minor version."""
        own, since = _numbers(self.version), sorted(map(_numbers, releases))
        return any(own[:2] == each[:2] and own >= each for each in since) or own >= since[-1]

    def key(self, name: str | bytes = b"") -> bytes:
        """The key `name` under the scenario's prefix."""
        return self.prefix + (name.encode() if isinstance(name, str) else name)

    def at(self, endpoint: str) -> Settings:
        """The settings with another base URL."""
        return replace(self.settings, endpoints=[endpoint])

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value, to have something to read."""
        self.native.put(key, value)


def _numbers(version: str) -> tuple[int, ...]:
    """A version's three numbers."""
    return tuple(map(int, version.partition("-")[0].split(".")))


@contextmanager
def open_sides(etcdctl: Path, settings: Settings, version: str) -> Iterator[Sides]:
    """Open the three sides to the etcd at the settings' one endpoint."""
    with ExitStack() as stack:
        http = Http(settings)
        stack.callback(http.session.close)
        native = client_to(settings, timeout=HTTP_DEADLINE)
        stack.callback(native.close)
        yield Sides(Etcdctl(etcdctl, settings), http, native, settings, version)
