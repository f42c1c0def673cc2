"""Readers in threads: of single keys, and of all keys, as the reporter does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Thread

from etcdlab.chaos.model import Model
from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connect, connections
from etcdlab.errors import LabError
from etcdlab.keys import prefix_range, show
from etcdlab.report.summary import Summary
from etcdlab.scan.pages import retry_if_compacted, scan_pages

PAUSE = 0.02  # seconds between two reads
REPORT_PAUSE = 0.4  # seconds between two reports
PAGE = 500  # keys


class Reader(Thread):
    """Reads random acknowledged keys; a wrong or absent value is a finding."""

    def __init__(self, settings: Settings, model: Model, stop: Event) -> None:
        super().__init__(name=f"reader {settings.transport}", daemon=True)
        self.reads = 0
        self.findings: list[str] = []
        self._settings = settings
        self._model = model
        self._stop_reading = stop

    def run(self) -> None:
        """Read until `stop` is set, at the next endpoint after an error."""
        with closing(connect(self._settings)) as client:
            while not self._stop_reading.wait(PAUSE):
                key = self._model.any_acknowledged()
                if key is None:
                    continue
                try:
                    self._check(key, [kv.value for kv in client.range(key).kvs])
                except LabError:
                    client.next_endpoint()

    def _check(self, key: bytes, found: list[bytes]) -> None:
        self.reads += 1
        if found != [self._model.values[key]]:
            what = "another value" if found else "nothing"
            self.findings.append(f"a {self._settings.transport} read of {show(key)}: {what}")


@dataclass(frozen=True)
class Totals:
    """The totals of a report: keys, and bytes of keys and values, at a revision."""

    revision: int
    keys: int
    key_bytes: int
    value_bytes: int


def report(clients: Sequence[Client], prefix: bytes) -> Totals:
    """Scan the keys that begin with `prefix` as the reporter does; return the totals."""

    def read() -> Totals:
        summary = Summary(prefix, ("price",), depth=1, top=5)
        revision = 0
        for page in scan_pages(clients, prefix_range(prefix), batch=PAGE):
            revision = revision or page.header.revision
            summary.add(page)
        total = summary.all_values()
        return Totals(revision, total.count, summary.key_bytes, total.total)

    return retry_if_compacted(read, lambda: None)


class Reporter(Thread):
    """Makes reports on a prefix, again and again."""

    def __init__(self, settings: Settings, prefix: bytes, stop: Event) -> None:
        super().__init__(name="reporter", daemon=True)
        self.reports: list[Totals] = []
        self._settings = settings
        self._prefix = prefix
        self._stop_reporting = stop

    def run(self) -> None:
        """Make reports until `stop` is set, at the next endpoint after an error."""
        with connections(self._settings, 2) as clients:
            while not self._stop_reporting.wait(REPORT_PAUSE):
                try:
                    self.reports.append(report(clients, self._prefix))
                except LabError:
                    for client in clients:
                        client.next_endpoint()
