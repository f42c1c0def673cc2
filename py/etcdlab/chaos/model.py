"""The writes that were tried, and which of them etcd acknowledged or refused."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock

from etcdlab.client.api import Client
from etcdlab.errors import LabError, ServerError
from etcdlab.load.job import Item


class Model:
    """The writes of one traffic; its methods may be called by several threads."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        """By key, of all writes that were tried."""
        self.acknowledged: set[bytes] = set()
        self._maybe: set[bytes] = set()
        self._refused: set[bytes] = set()
        self._order: list[bytes] = []
        self._times: list[float] = []
        self._lock = Lock()

    def put(self, client: Client, items: Sequence[Item]) -> None:
        """Put the items, and note what became of them."""
        keys = [key for key, _ in items]
        with self._lock:
            self.values.update(items)
        try:
            client.put_all(items)
        except LabError as error:
            full = isinstance(error, ServerError) and error.is_out_of_space
            with self._lock:
                (self._refused if full else self._maybe).update(keys)
            raise
        with self._lock:
            self._order += [key for key in keys if key not in self.acknowledged]
            self.acknowledged.update(keys)
            self._times.append(time.monotonic())

    def any_acknowledged(self) -> bytes | None:
        """Return a random acknowledged key; None while there is none."""
        with self._lock:
            return random.choice(self._order) if self._order else None  # noqa: S311 - no secret

    def refused(self) -> set[bytes]:
        """Return the keys that etcd refused at each attempt for lack of space."""
        return self._refused - self._maybe - self.acknowledged

    def longest_stall(self, begin: float, end: float) -> float:
        """Return the longest time without an acknowledgement, in seconds.

        `begin` and `end` are of time.monotonic().
        """
        with self._lock:
            inside = [at for at in self._times if begin < at < end]
        return max(later - sooner for sooner, later in pairwise([begin, *sorted(inside), end]))
