"""Send a request until an endpoint carries it out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Event

from etcdlab.client.api import Client
from etcdlab.errors import ConnectionLost, LabError, ServerError, Unreachable

FIRST_WAIT = 0.05  # seconds before the first retry; doubled for each one after it
LONGEST_WAIT = 2.0
# Seconds until an endpoint that failed is tried again; doubled each time it fails.
FIRST_ABSENCE = 5.0
LONGEST_ABSENCE = 60.0


class Retrier:
    """Retries one client's requests, which must be idempotent.

    After a failure it goes on with the next endpoint, and later returns to the client's
    first one.
    """

    def __init__(self, client: Client, timeout: float, stop: Event) -> None:
        """Retry a request for `timeout` seconds, or until `stop` is set."""
        self.client = client
        self.retries = 0
        self._timeout = timeout
        self._stop = stop
        self._home = client.endpoint
        self._absence = FIRST_ABSENCE
        self._return_at = 0.0

    def send(self, request: Callable[[], object]) -> LabError | None:
        """Make the request; return the last error if every attempt failed."""
        deadline = time.monotonic() + self._timeout
        pause = FIRST_WAIT
        self._return()
        while True:
            try:
                request()
                self._remember()
                return None
            except ServerError as refused:
                if not refused.is_passing:
                    return refused
                error: LabError = refused
            except (ConnectionLost, Unreachable) as lost:
                error = lost
            # Jitter, so that workers do not retry in step.
            pause_now = pause * (0.5 + random.random())  # noqa: S311 - no secret
            if time.monotonic() + pause_now > deadline or self._stop.wait(pause_now):
                return error
            self.client.next_endpoint()
            self.retries += 1
            pause = min(2 * pause, LONGEST_WAIT)

    def _return(self) -> None:
        """Return to the first endpoint when its absence is over."""
        if self.client.endpoint != self._home and time.monotonic() >= self._return_at:
            self.client.use(self._home)

    def _remember(self) -> None:
        """Reset the absence after a success at the first endpoint, else extend it."""
        now = time.monotonic()
        if self.client.endpoint == self._home:
            self._absence = FIRST_ABSENCE
        elif now >= self._return_at:
            self._return_at = now + self._absence
            self._absence = min(2 * self._absence, LONGEST_ABSENCE)
