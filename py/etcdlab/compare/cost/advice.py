"""Conclusions from the costs: the largest differences, and when to use which client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from etcdlab.compare.cost.measure import Cost, Costs

FIGURES: dict[str, Callable[[Cost], float]] = {
    "p50": lambda cost: cost.median(lambda run: run.quantile(0.5)),
    "bytes sent": lambda cost: cost.per_op(lambda used: used.sent),
    "bytes received": lambda cost: cost.per_op(lambda used: used.received),
    "client CPU": lambda cost: cost.per_op(lambda used: used.client_cpu),
    "server CPU": lambda cost: cost.per_op(lambda used: used.server_cpu),
}


@dataclass(frozen=True)
class Difference:
    """The ratio of a figure, gateway to native client."""

    kind: str
    threads: int
    figure: str
    ratio: float

    def __str__(self) -> str:
        if self.ratio >= 1:
            return f"{self.kind}: the gateway takes {self.ratio:.1f} x the {self.figure}"
        return f"{self.kind}: the native client takes {1 / self.ratio:.1f} x the {self.figure}"


def differences(costs: Sequence[Cost]) -> list[Difference]:
    """The differences with one thread, largest first."""
    found = []
    by_name = {(cost.kind, cost.threads, cost.side): cost for cost in costs}
    for (kind, threads, side), gateway in by_name.items():
        if side != "gateway" or threads != 1:
            continue
        native = by_name[kind, threads, "native"]
        for name, figure in FIGURES.items():
            one, other = figure(gateway), figure(native)
            if one > 0 and other > 0:
                found.append(Difference(kind, threads, name, one / other))
    return sorted(found, key=lambda each: max(each.ratio, 1 / each.ratio), reverse=True)


def advice(costs: Costs) -> str:
    """One paragraph on when to use which client, derived from the figures."""
    rates = {(cost.kind, cost.threads, cost.side): cost.rate for cost in costs.works}
    ratios = {
        (kind, threads): rate / rates[kind, threads, "gateway"]
        for (kind, threads, side), rate in rates.items()
        if side == "native"
    }
    low, high = min(ratios.values()), max(ratios.values())
    small, large = (
        min(ratios, key=lambda key: ratios[key]),
        max(ratios, key=lambda key: ratios[key]),
    )
    received = [each.ratio for each in differences(costs.works) if each.figure == "bytes received"]
    if low >= 1:
        first = (
            f"The native client does {low:.1f} ({small[0]}, {_from(small[1])}) to {high:.1f}"
            f" ({large[0]}, {_from(large[1])}) times as many operations a second as the gateway"
        )
    else:
        first = (
            f"The native client does {high:.1f} times as many operations a second as the gateway at"
            f" best ({large[0]}, {_from(large[1])}), and {low:.1f} times at worst ({small[0]},"
            f" {_from(small[1])})"
        )
    slowest = max(costs.etcdctl.seconds.values())
    return (
        f"{first}, and the gateway's replies are up to {max(received, default=1):.1f} times as"
        " large. Take the native client where etcd is asked often, or for much. Take the gateway"
        " where HTTP is all there is (curl, a browser, a language without gRPC) or a few requests"
        f" a second are enough. Take etcdctl by hand and in scripts: a process takes"
        f" {1000 * costs.etcdctl.start_up:.0f} ms to start, of {1000 * slowest:.0f} ms at most for"
        " an operation here."
    )


def _from(threads: int) -> str:
    return "one thread" if threads == 1 else f"{threads} threads"
