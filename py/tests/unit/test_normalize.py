"""What the normalization of transcripts hides, and what it must not."""

import pytest

from etcdlab.walkthrough.normalize import normalize

GRANT = "lease 694d8a7c1f0e2b04 granted with TTL(15s)\n"


def same(one: str, other: str) -> bool:
    return normalize(one, "walk/a/") == normalize(other, "walk/b/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("walk/a/key", "walk/b/key"),
        (r"\x77\x61\x6c\x6b\x2f\x61\x2f\x6b", r"\x77\x61\x6c\x6b\x2f\x62\x2f\x6b"),
        ("curl http://127.0.0.1:2379/v3", "curl http://localhost:12379/v3"),
        (GRANT, GRANT.replace("694d8a7c1f0e2b04", "0000000000000abc")),
        ("x, remaining(14s), attached", "x, remaining(9s), attached"),
        ('"ClusterID" : 12\n"MemberID" : 5', '"ClusterID" : 7\n"MemberID" : 8'),
        ("get k --rev=5\ncompaction 7", "get k --rev=1005\ncompaction 2000"),
        ('"Revision" : 9\n"ModRevision" : 8', '"Revision" : 19\n"ModRevision" : 18'),
        ('{"lease":9041998856863225144}', '{"lease":12}'),
        ('{"revision":3}', '{"revision":4}'),
    ],
)
def test_what_changes_from_run_to_run_is_the_same(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("walk/a/key", "walk/a/other"),
        (GRANT, GRANT.replace("15s", "16s")),
        # The lease that a key is put with is another than the one granted.
        (GRANT + "--lease=694d8a7c1f0e2b04", GRANT + "--lease=694d8a7c1f0e2b05"),
        # The revision that is read is not the one that was compacted.
        ("compaction 7\nget k --rev=7", "compaction 7\nget k --rev=6"),
        ("get k --rev=5\nget k --rev=7", "get k --rev=7\nget k --rev=5"),
        ('"Version" : 3', '"Version" : 2'),
        ('"mod_revision":0', '"mod_revision":1'),
        ("SUCCESS", "FAILURE"),
        ("OK\n", "OK\n\n"),
        ("found 2", "found 3"),
    ],
)
def test_everything_else_is_kept(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_lease_has_one_name_in_hexadecimal_and_in_decimal() -> None:
    lease = 0x694D8A7C1F0E2B04
    text = f'lease {lease:016x} revoked\n{{"ID":{lease}}} {{"lease":{lease + 1}}}'
    assert normalize(text, "-") == 'lease LEASE1 revoked\n{"ID":LEASE1} {"lease":LEASE2}'
