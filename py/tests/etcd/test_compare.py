"""The comparison: every row on a real etcd, every explanation's claim, every cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from etcd_fixture import Etcd, etcd_folder

import etcd_compare
from etcdlab.client.connect import Settings
from etcdlab.compare.cost.advice import advice, differences
from etcdlab.compare.cost.measure import measure
from etcdlab.compare.cost.workloads import KINDS
from etcdlab.compare.output import Comparison, as_json, as_text, summary, to_markdown
from etcdlab.compare.run import Row, run_all
from etcdlab.compare.scenario import (
    GROUPS,
    Contradiction,
    Facts,
    Scenario,
    claim,
)
from etcdlab.compare.scenarios.all import MODULES, all_scenarios
from etcdlab.compare.sides import Answer, Json, Sides, open_sides

FENCE = [b"compare", b"compare.", b"compare0", b"comparf", b"other/key"]


@pytest.fixture
def sides(etcd: Etcd) -> Iterator[Sides]:
    version = etcd.etcdctl("version").split()[2]
    with open_sides(etcd_folder() / "etcdctl", Settings([etcd.url]), version) as opened:
        opened.prefix = b"compare/test/"
        yield opened


def claims_of(replacement: Callable[[bool, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all scenarios make their claims to this function."""
    for module in MODULES:
        monkeypatch.setattr(module, "claim", replacement)


def test_every_scenario_has_facts_and_leaves_nothing(
    sides: Sides, etcd: Etcd, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[str] = []
    made: list[int] = []

    def counting(holds: bool, what: str) -> None:
        claim(holds, what)
        claims.append(what)

    def count_claims() -> None:
        made.append(len(claims) - sum(made))

    claims_of(counting, monkeypatch)
    for key in FENCE:
        etcd.put(key, b"fence")
    leases = etcd.leases()
    found = run_all(all_scenarios(), sides, count_claims)
    assert [(row.scenario.asked, row.problem) for row in found if row.facts is None] == []
    assert len(found) >= 40
    assert tuple(dict.fromkeys(row.scenario.group for row in found)) == GROUPS
    assert len({row.scenario.asked for row in found}) == len(found)
    assert [key for key, _ in etcd.items(b"")] == sorted(FENCE)
    assert etcd.leases() == leases
    claimed = dict(zip((row.scenario.asked for row in found), made, strict=True))
    explained = [row.scenario.asked for row in found if row.facts and row.facts.why]
    assert [asked for asked in explained if not claimed[asked]] == []


def test_a_claim_that_does_not_hold_fails_its_row(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contrary(holds: bool, what: str) -> None:
        claim(not holds, what)

    claims_of(contrary, monkeypatch)
    found = run_all([each for each in all_scenarios() if each.group == "values"], sides, int)
    for row in found:
        assert row.verdict in ("failed", "same"), row
    assert any("does not hold here" in row.problem for row in found)


def test_a_server_that_behaves_otherwise_is_not_explained(sides: Sides) -> None:
    post = sides.http.post

    def with_numbers(path: str, body: Json | bytes, token: str = "") -> Answer:
        answer = post(path, body, token)
        data = answer.json
        for kv in data.get("kvs", []):
            kv["mod_revision"] = int(kv["mod_revision"])
        return Answer(answer.status, json.dumps(data).encode())

    sides.http.post = with_numbers  # type: ignore[method-assign]
    with pytest.raises(Contradiction, match="strings"):
        scenarios_of("a revision, as it travels")[0].run(sides)


def scenarios_of(asked: str) -> list[Scenario]:
    return [each for each in all_scenarios() if each.asked == asked]


def made_up(facts: Facts | Exception) -> Scenario:
    def run(sides: Sides) -> Facts:
        if isinstance(facts, Exception):
            raise facts
        return facts

    return Scenario("values", "made up", run)


@pytest.mark.parametrize(
    ("facts", "verdict", "problem"),
    [
        (Facts("a", "a", "a"), "same", ""),
        (Facts("a", "b", "a", "because"), "different", ""),
        (Facts("a", "b", "a"), "failed", "a difference that nothing explains"),
        (Contradiction("so"), "failed", "its explanation does not hold here: so"),
        (KeyError("kvs"), "failed", "KeyError: 'kvs'"),
    ],
)
def test_verdicts(sides: Sides, facts: Facts | Exception, verdict: str, problem: str) -> None:
    (row,) = run_all([made_up(facts)], sides, lambda: None)
    assert (row.verdict, row.problem) == (verdict, problem)


def test_a_row_that_fails_ends_with_status_1(
    etcd: Etcd, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ETCDCTL", str(etcd_folder() / "etcdctl"))
    good, bad = made_up(Facts("a", "a", "a")), made_up(Contradiction("it does"))
    for found, status in (([good], 0), ([good, bad], 1)):
        monkeypatch.setattr(etcd_compare, "all_scenarios", lambda found=found: found)
        assert etcd_compare.main([f"-endpoints={etcd.url}", "-only=values"]) == status
    assert "values: made up: its explanation does not hold here: it does" in capsys.readouterr().err


def test_costs_are_counted_for_all(sides: Sides) -> None:
    costs = measure(sides, 1, 0.05, lambda: None)
    assert {(cost.kind, cost.side, cost.threads) for cost in costs.works} == {
        (kind, side, threads)
        for kind in KINDS
        for side in ("gateway", "native")
        for threads in (1, 8)
    }
    for cost in costs.works:
        assert cost.rate > 0
        assert cost.median(lambda run: run.quantile(0.5)) <= cost.median(
            lambda run: run.quantile(1)
        )
        assert cost.per_op(lambda used: used.client_cpu) > 0
        if cost.kind.startswith("range"):
            raw = 1000 * 100
            least = 4 / 3 * raw if cost.side == "gateway" else raw
            assert least < cost.per_op(lambda used: used.received) < 4 * raw
        if cost.kind.startswith("txn"):
            assert 128 * 100 < cost.per_op(lambda used: used.sent) < 128 * 400
    assert len(differences(costs.works)) >= 4 * len(KINDS)
    text = advice(costs)
    assert "native client" in text and "\n" not in text
    assert costs.etcdctl.start_up > 0


def test_every_format_has_every_row(sides: Sides) -> None:
    found = Comparison(
        "3.5.1",
        "a machine",
        [
            Row(made_up(Facts("a", "a", "a")), Facts("a", "a", "a")),
            Row(made_up(Facts("a", "b|c", "a", "because")), Facts("a", "b|c", "a", "because")),
            Row(made_up(Facts("", "", "")), None, "no reason"),
        ],
        measure(sides, 1, 0.01, lambda: None),
    )
    assert summary(found).splitlines()[0] == "1 same, 1 different, 1 failed"
    assert len(summary(found).splitlines()) == 4
    text = as_text(found)
    assert "[1] because" in text and "[2] FAILED: no reason" in text
    data = json.loads(as_json(found))
    assert [each["verdict"] for each in data["scenarios"]] == ["same", "different", "failed"]
    assert len(data["costs"]) == 4 * len(KINDS)
    markdown = to_markdown(found)
    assert markdown.startswith("## etcd 3.5.1, ")
    assert "b\\|c" in markdown and "| because" in markdown
