"""The faults have the effects on the cluster that they are to have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from etcd_fixture import etcd_folder

from etcdlab.chaos.cluster import Cluster, Member, running_cluster
from etcdlab.errors import LabError
from etcdlab.keys import ZERO
from etcdlab.polling import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster(etcd_folder() / "etcd") as started:
        yield started


def soon(holds: Callable[[], bool]) -> bool:
    """Whether that becomes true within 20 seconds."""
    return bool(until(holds, 20))


def leader_seen_by(cluster: Cluster, member: Member) -> int:
    with closing(cluster.client(member)) as client:
        return client.status().leader


def reads(cluster: Cluster, member: Member, serializable: bool) -> bool:
    with closing(cluster.client(member, timeout=1.5)) as client:
        try:
            client.range(ZERO, count_only=True, serializable=serializable)
        except LabError:
            return False
        return True


@pytest.mark.parametrize("leads", [True, False], ids=["leader", "follower"])
def test_a_member_that_is_cut_off_knows_no_leader_and_the_others_go_on(
    cluster: Cluster, leads: bool
) -> None:
    cluster.wait_healed()
    victim = cluster.leader() if leads else cluster.follower(1)
    others = [member for member in cluster.members if member is not victim]
    ids = {member.id for member in others}
    cluster.partition(victim)
    assert soon(lambda: leader_seen_by(cluster, victim) == 0)
    assert soon(lambda: all(leader_seen_by(cluster, other) in ids for other in others))
    assert all(soon(lambda other=other: reads(cluster, other, False)) for other in others)
    assert reads(cluster, victim, serializable=True)
    assert not reads(cluster, victim, serializable=False)
    cluster.heal()
    cluster.wait_healed()
    assert leader_seen_by(cluster, victim) != 0


def test_a_frozen_leader_is_replaced_while_it_is_frozen(cluster: Cluster) -> None:
    cluster.wait_healed()
    victim = cluster.leader()
    victim.etcd.freeze()
    try:
        others = [member for member in cluster.members if member is not victim]
        ids = {member.id for member in others}
        assert soon(lambda: all(leader_seen_by(cluster, other) in ids for other in others))
    finally:
        victim.etcd.thaw()
    cluster.wait_healed()


def test_a_killed_member_comes_back_with_its_data(cluster: Cluster) -> None:
    cluster.wait_healed()
    victim = cluster.follower(0)
    with closing(cluster.client(cluster.leader())) as client:
        client.put_all([(b"kept", b"1")])
    victim.etcd.kill()
    assert not reads(cluster, victim, serializable=True)
    victim.etcd.start()
    cluster.wait_healed()
    with closing(cluster.client(victim)) as client:
        assert client.range(b"kept").kvs[0].value == b"1"


def test_a_cluster_that_does_not_heal_is_an_error_in_time(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.wait_healed()
    monkeypatch.setattr("etcdlab.chaos.cluster.HEAL_DEADLINE", 1.0)
    victim = cluster.members[2]
    victim.etcd.kill()
    with pytest.raises(LabError, match="is not healed in 1 s"):
        cluster.wait_healed()
    victim.etcd.start()
