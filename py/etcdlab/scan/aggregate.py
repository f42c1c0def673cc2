"""A scan: a range read at one revision into an aggregate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings
from etcdlab.client.types import Page
from etcdlab.scan.pages import scan_pages


class Aggregate(Protocol):
    """What a scan finds out. It depends neither on the size of the pages nor on their order."""

    def add(self, page: Page) -> None:
        """Count a page in."""

    def merge(self, other: Any) -> None:  # noqa: ANN401 - of the same class
        """Count in what was counted into the other, which is of other keys."""


_Aggregate = TypeVar("_Aggregate", bound=Aggregate)


@dataclass(frozen=True)
class ScanResult(Generic[_Aggregate]):
    """An aggregate, the revision that it is of, and the endpoint that was asked first."""

    aggregate: _Aggregate
    revision: int
    endpoint: str


OnProgress = Callable[[int, int], object]
"""Is given the number of keys read since the last call, and that of all keys in the range."""


@dataclass(frozen=True)
class Scan(Generic[_Aggregate]):
    """How to read the range [key, end), and into what.

    `readers` pages of at most `batch` keys are read at a time. `revision` 0 is the latest.
    `new_aggregate` makes an empty aggregate.
    """

    settings: Settings
    key: bytes
    end: bytes
    batch: int
    readers: int
    new_aggregate: Callable[[], _Aggregate]
    serializable: bool = False
    revision: int = 0

    def pages(
        self, clients: Sequence[Client], key_range: tuple[bytes, bytes]
    ) -> Generator[Page, None, None]:
        """Yield the pages of a part of the range, as scan_pages() does."""
        return scan_pages(
            clients,
            key_range,
            batch=self.batch,
            revision=self.revision,
            serializable=self.serializable,
        )

    def read(self, clients: Sequence[Client], on_progress: OnProgress) -> ScanResult[_Aggregate]:
        """Read the whole range with these clients; raises what scan_pages() raises."""
        aggregate, revision, count = self.new_aggregate(), self.revision, 0
        for page in self.pages(clients, (self.key, self.end)):
            revision = revision or page.header.revision
            count = count or page.count
            aggregate.add(page)
            on_progress(len(page.keys), count)
        return ScanResult(aggregate, revision, clients[0].endpoint)
