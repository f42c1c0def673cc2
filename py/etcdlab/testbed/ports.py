"""Free ports on loopback."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress

_PORTS = list(range(15_000, 32_000))


def free_urls(count: int) -> list[str]:
    """Return `http://` base URLs on loopback where nobody listens.

    A process gets no port twice. The ports are below those that systems hand out, so they stay
    free between two uses.
    """
    with ExitStack() as stack:
        ports: list[int] = []
        while len(ports) < count:
            probe = stack.enter_context(socket.socket())
            with suppress(OSError):
                port = random.choice(_PORTS)  # noqa: S311 - no secret
                probe.bind(("127.0.0.1", port))
                _PORTS.remove(port)  # it may be bound only later
                ports.append(port)
        return [f"http://127.0.0.1:{port}" for port in ports]
