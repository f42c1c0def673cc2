"""Pages and summaries of given keys and values."""

from __future__ import annotations

from etcdlab.client.types import Header, Page
from etcdlab.report.summary import Summary

Entry = tuple[bytes, bytes]


def page_of(entries: list[Entry], **columns: list[int]) -> Page:
    """A page of these keys and values."""
    keys, values = [key for key, _ in entries], [value for _, value in entries]
    ones = [1] * len(keys)
    return Page(
        Header(), keys, values, columns.get("mod_revisions", ones),
        columns.get("versions", ones), columns.get("leases", [0] * len(keys)), len(keys), False,
    )  # fmt: skip


def summary_of(values: list[bytes], path: str = "price") -> Summary:
    """The summary of these values under p/0, p/1 and so on."""
    summary = Summary(b"p/", tuple(path.split(".")), 1, 3)
    summary.add(page_of([(b"p/%d" % place, value) for place, value in enumerate(values)]))
    return summary
