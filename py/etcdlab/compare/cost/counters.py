"""Counters of work: bytes on sockets, CPU seconds of this process and of etcd."""

from __future__ import annotations

import os
import socket
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from etcdlab.client.connect import Settings
from etcdlab.client.endpoints import port_of
from etcdlab.client.member_stats import cpu_seconds

_FDS = Path("/proc/self/fd")
# Where Linux's struct tcp_info has tcpi_bytes_acked and tcpi_bytes_received.
# https://github.com/torvalds/linux/blob/master/include/uapi/linux/tcp.h
_BYTES = struct.Struct("=120xQQ")


@dataclass(frozen=True)
class Counters:
    """Bytes and CPU seconds."""

    sent: int
    received: int
    client_cpu: float
    server_cpu: float


@contextmanager
def counted(settings: Settings) -> Iterator[list[Counters]]:
    """Count what the block uses, and append it to the list that is yielded.

    Bytes are the payload of this process's TCP connections to the endpoint, HTTP headers,
    frames and TLS included, as Linux counts them; 0 on other systems. Connections must be
    open before the block and after it.
    """
    port = port_of(settings.endpoints[0])
    used: list[Counters] = []
    server = cpu_seconds(settings)
    sent, received = _socket_bytes(port)
    client = time.process_time()
    yield used
    client = time.process_time() - client
    sent_after, received_after = _socket_bytes(port)
    server = cpu_seconds(settings) - server
    used.append(Counters(sent_after - sent, received_after - received, client, server))


def _socket_bytes(port: int) -> tuple[int, int]:
    """(sent, received) bytes of all connections to the port."""
    sent = received = 0
    for entry in os.listdir(_FDS) if _FDS.is_dir() else ():
        try:
            if not stat.S_ISSOCK(os.fstat(int(entry)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(entry))) as connection:
                if connection.getpeername()[1] == port:
                    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES.size)
                    one_sent, one_received = _BYTES.unpack(info)
                    sent += one_sent
                    received += one_received
        except (OSError, IndexError, TypeError):
            continue  # closed meanwhile, or of another address family
    return sent, received
