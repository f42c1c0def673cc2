"""A survey on an engine: stretches of keys go out, and what comes back is merged."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace

from etcdlab.client import Client
from etcdlab.connect import connect, connections
from etcdlab.dispatch import Dispatch
from etcdlab.engines import Engine
from etcdlab.records import Page, Range
from etcdlab.scanner import REPLY_BYTES
from etcdlab.summary import Summary
from etcdlab.survey import OnProgress, Reading, Survey
from etcdlab.windows import FIRST_PAGE, Plan, Sample, Window, sample_of, size_of

MOST_KEYS = 16_384  # of a stretch
MOST_BYTES = 64 << 20  # of a stretch's keys and values
SAMPLED = 64  # keys that tell how dense those of a stretch are
# How many times as many keys as were expected a worker reads before it gives the rest back.
_MOST = 2


@dataclass(frozen=True)
class Stretch:
    """A window of a survey, with as many keys as one worker reads."""

    survey: Survey
    window: Window


def read_stretch(stretch: Stretch) -> tuple[Sample, Summary]:
    """What a worker does: all of the stretch, or its first page where that is far too much."""
    survey, window = stretch.survey, stretch.window
    summary = survey.summary()
    keys: list[bytes] = []
    size = left = 0
    with (
        connections(survey.settings, survey.readers, spread=not survey.serializable) as clients,
        closing(survey.pages(clients, (window.key, window.end))) as pages,
    ):
        for number, page in enumerate(pages):
            summary.add(page)
            size += size_of(page)
            keys += page.keys
            if number == 0 and page.count > _MOST * window.limit:
                left = page.count - len(page.keys)
                break
    return sample_of(sorted(keys), size, left, SAMPLED), summary


def spread_survey(engine: Engine, survey: Survey, on_progress: OnProgress) -> Reading:
    """Read it all by the workers of an engine; raises what scan() raises."""
    plan = Plan(survey.key, survey.end, MOST_KEYS, MOST_BYTES)
    summary = survey.summary()
    first = plan.take()
    assert first is not None
    with closing(connect(survey.settings)) as client:
        page = _first_page(client, survey)
        endpoint = client.endpoint
    plan.read(first, sample_of(page.keys, size_of(page), page.count - len(page.keys)))
    summary.add(page)
    on_progress(len(page.keys), page.count)
    there = replace(survey, revision=survey.revision or page.header.revision)

    def next_stretch() -> Stretch | None:
        window = plan.take()
        return window and Stretch(there, window)

    for done in Dispatch(engine, read_stretch).run(next_stretch):
        if done:
            stretch, (sample, part) = done
            plan.read(stretch.window, sample)
            summary.merge(part)
            on_progress(part.keys, page.count)
    return Reading(summary, there.revision, endpoint)


def _first_page(client: Client, survey: Survey) -> Page:
    """A few keys, which say how many there are, how dense, and at which revision."""
    op = Range(
        survey.key,
        survey.end,
        limit=min(survey.batch, FIRST_PAGE),
        revision=survey.revision,
        serializable=survey.serializable,
    )
    return client.ask_page(op, REPLY_BYTES)()
