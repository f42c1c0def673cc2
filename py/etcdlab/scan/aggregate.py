"""Reading a range at one revision to find something out: what is asked, and what is found."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings
from etcdlab.client.types import Page
from etcdlab.scan.pages import scan


class Aggregate(Protocol):
    """What is found in pages, whatever their size and order; parts of it can be merged."""

    def add(self, page: Page) -> None:
        """Count a page in."""

    def merge(self, other: Any) -> None:  # noqa: ANN401 - of the same class
        """Count in all that was counted into the other, of other keys."""


_Aggregate = TypeVar("_Aggregate", bound=Aggregate)


@dataclass(frozen=True)
class ScanResult(Generic[_Aggregate]):
    """What was found, at which revision, and the endpoint that was asked first."""

    found: _Aggregate
    revision: int
    endpoint: str


OnProgress = Callable[[int, int], object]
"""Gets the number of keys that were read just now, and that of all there are."""


@dataclass(frozen=True)
class Scan(Generic[_Aggregate]):
    """A range [key, end) of keys, how it is read, and what for.

    `readers` pages of `batch` keys are read at a time, of the latest revision where
    `revision` is 0. `look` makes findings in which nothing is counted yet.
    """

    settings: Settings
    key: bytes
    end: bytes
    batch: int
    readers: int
    look: Callable[[], _Aggregate]
    serializable: bool = False
    revision: int = 0

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

    def read(self, clients: Sequence[Client], on_progress: OnProgress) -> ScanResult[_Aggregate]:
        """Read it all with these clients; raises what scan() raises."""
        found, revision, count = self.look(), self.revision, 0
        for page in self.pages(clients, (self.key, self.end)):
            revision = revision or page.header.revision
            count = count or page.count
            found.add(page)
            on_progress(len(page.keys), count)
        return ScanResult(found, revision, clients[0].endpoint)
