"""Three members, each behind proxies for its clients and for its peers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.errors import LabError
from etcdlab.keys import ZERO
from etcdlab.testbed.etcd_process import EtcdProcess
from etcdlab.testbed.peer_proxy import PeerProxy, nobody
from etcdlab.testbed.ports import free_urls
from etcdlab.testbed.proxy import Proxy, running

SIZE = 3
HEAL_DEADLINE = 40.0  # seconds
PATIENCE = 20.0  # seconds, of requests that no fault is to disturb
REQUEST_TIMEOUT = 1.0  # seconds: less than a fault lasts; a client then asks another member
# Elections that do not take long, and yet none because a machine is busy.
_TIMING = ("--heartbeat-interval=50", "--election-timeout=600")


class Member:
    """One etcd, and what lies before it."""

    def __init__(self, name: str, etcd: EtcdProcess, clients: Proxy, peers: PeerProxy) -> None:
        self.name = name
        self.etcd = etcd
        self.clients = clients
        self.peers = peers
        self.id = 0


class Cluster:
    """The members, and what the harness asks of them without a detour."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self.endpoints = [member.clients.url for member in members]
        self.version = ""

    def start(self) -> None:
        """Run all members and wait until they are one cluster."""
        for member in self.members:
            member.etcd.start()
        for member in self.members:
            member.etcd.wait_healthy(HEAL_DEADLINE)
        with closing(self.client(self.members[0])) as client:
            self.version = client.status().version
            ids = {each.name: each.id for each in client.members().members}
        for member in self.members:
            member.id = ids[member.name]

    def client(
        self, member: Member, transport: str = "native", timeout: float = PATIENCE
    ) -> Client:
        """A client of that member alone, past its proxy."""
        return connect(Settings([member.etcd.url], transport, timeout=timeout))

    def settings(self, transport: str, timeout: float = PATIENCE) -> Settings:
        """How to reach it over all endpoints."""
        return Settings(self.endpoints, transport, timeout=timeout)

    def under_load(self, transport: str) -> Settings:
        """How a load reaches it: soon at another endpoint."""
        return self.settings(transport, REQUEST_TIMEOUT)

    def leader(self) -> Member:
        """The member that leads; LabError when none does in time."""
        deadline = time.monotonic() + HEAL_DEADLINE
        while time.monotonic() < deadline:
            for member in self.members:
                try:
                    with closing(self.client(member, timeout=1.0)) as client:
                        status = client.status()
                except LabError:
                    continue
                if status.leader == member.id:
                    return member
            time.sleep(0.1)
        raise LabError("the cluster has no leader")

    def follower(self, number: int) -> Member:
        """One of the members that do not lead, by a number."""
        leader = self.leader()
        followers = [member for member in self.members if member is not leader]
        return followers[number % len(followers)]

    def partition(self, member: Member) -> None:
        """Cut a member off from its peers: neither may they dial it, nor it them."""
        for other in self.members:
            if other is member:
                other.peers.turn_away(lambda dialer: True)
            else:
                other.peers.turn_away(lambda dialer: dialer == member.id)

    def mend(self) -> None:
        """Let all members dial each other again."""
        for member in self.members:
            member.peers.turn_away(nobody)

    def wait_healed(self) -> None:
        """Wait until each member answers, over each transport, through its proxy, and asks the
        others to; LabError when one does not in time."""
        deadline = time.monotonic() + HEAL_DEADLINE
        for member in self.members:
            for transport in TRANSPORTS:
                settings = Settings([member.clients.url], transport, timeout=REQUEST_TIMEOUT)
                _until(deadline, member.name, lambda settings=settings: _ask(settings))


def _ask(settings: Settings) -> None:
    with closing(connect(settings)) as client:
        client.range(ZERO, count_only=True)


def _until(deadline: float, name: str, call: Callable[[], None]) -> None:
    while True:
        try:
            return call()
        except LabError as error:
            if time.monotonic() > deadline:
                raise LabError(f"{name} is not healed in {HEAL_DEADLINE:g} s: {error}") from error
            time.sleep(0.1)


@contextmanager
def running_cluster(program: Path, *flags: str) -> Iterator[Cluster]:
    """A cluster of that etcd program, with nothing in it; nothing is left of it afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="etcd-chaos-")))
        urls = free_urls(2 * SIZE)
        clients = [stack.enter_context(running(Proxy(url))) for url in urls[:SIZE]]
        peers = [stack.enter_context(running(PeerProxy(url))) for url in urls[SIZE:]]
        names = [f"m{number}" for number in range(SIZE)]
        initial = ",".join(f"{n}={p.url}" for n, p in zip(names, peers, strict=True))
        members = []
        for number, name in enumerate(names):
            (folder / name).mkdir()
            etcd = EtcdProcess(
                program,
                folder / name,
                urls[number],
                f"--name={name}",
                f"--advertise-client-urls={clients[number].url}",
                f"--listen-peer-urls={urls[SIZE + number]}",
                f"--initial-advertise-peer-urls={peers[number].url}",
                f"--initial-cluster={initial}",
                "--logger=zap",
                *_TIMING,
                *flags,
            )
            stack.callback(etcd.kill)
            members.append(Member(name, etcd, clients[number], peers[number]))
        cluster = Cluster(members)
        cluster.start()
        yield cluster
