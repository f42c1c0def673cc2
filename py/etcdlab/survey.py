"""What a report asks of etcd, and what it gets: a summary of a range at one revision."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from etcdlab.client import Client
from etcdlab.connect import Settings
from etcdlab.records import Page
from etcdlab.scanner import scan
from etcdlab.summary import Summary


class Reading(NamedTuple):
    """What was found, at which revision, and the endpoint that was asked first."""

    summary: Summary
    revision: int
    endpoint: str


OnProgress = Callable[[int, int], object]
"""Gets the number of keys that were read just now, and that of all there are."""


@dataclass(frozen=True)
class Survey:
    """A range [key, end) of keys, how it is read, and what is looked at; see Summary.

    `readers` pages of `batch` keys are read at a time, of the latest revision where
    `revision` is 0.
    """

    settings: Settings
    prefix: bytes
    key: bytes
    end: bytes
    field: tuple[str, ...]
    depth: int
    top: int
    batch: int
    readers: int
    serializable: bool = False
    revision: int = 0

    def summary(self) -> Summary:
        """One in which nothing is counted yet."""
        return Summary(self.prefix, self.field, self.depth, self.top)

    def pages(
        self, clients: Sequence[Client], key_range: tuple[bytes, bytes]
    ) -> Generator[Page, None, None]:
        """A part of the range, page by page, as scan() has it."""
        return scan(
            clients,
            key_range,
            batch=self.batch,
            revision=self.revision,
            serializable=self.serializable,
        )

    def read(self, clients: Sequence[Client], on_progress: OnProgress) -> Reading:
        """Read it all with these clients; raises what scan() raises."""
        summary, revision, count = self.summary(), self.revision, 0
        for page in self.pages(clients, (self.key, self.end)):
            revision = revision or page.header.revision
            count = count or page.count
            summary.add(page)
            on_progress(len(page.keys), count)
        return Reading(summary, revision, clients[0].endpoint)
