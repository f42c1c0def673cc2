"""Refreshed text and progress, on a terminal and in a pipe."""

import io
import sys

import pytest

from etcdlab.cli import progress
from etcdlab.cli.progress import ScanProgress
from etcdlab.cli.screen import refresh


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_text_is_replaced_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "5")
    monkeypatch.setenv("LINES", "3")
    refresh("123456789\nb\nc\nd")
    assert terminal.getvalue() == "\x1b[H\x1b[K12345\n\x1b[Kb\n\x1b[J"


def test_in_a_pipe_one_follows_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    refresh("a\nb")
    refresh("c")
    assert capsys.readouterr().out == "a\nb\n\nc\n\n"


def test_a_scan_in_a_pipe_says_now_and_then_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with ScanProgress() as scan:
        scan.update(2, 8)
        scan.start_over()
        scan.update(2, 8)
    with ScanProgress(is_shown=False) as silent:
        silent.update(2, 8)
    lines = [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()]
    assert [line.replace(" 0 s", " N s") for line in lines] == [
        "2 of 8 keys, N s left",
        "the revision was compacted while it was read: reading a later one",
        "2 of 8 keys, N s left",
    ]


def test_on_a_terminal_a_bar_shows_how_far_a_scan_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ScanProgress() as scan:
        scan.update(2, 8)
        scan._bar.refresh()
        assert "25%" in terminal.getvalue()
    hidden = Terminal()
    monkeypatch.setattr(sys, "stderr", hidden)
    with ScanProgress(is_shown=False) as scan:
        scan.update(1, 1)
    assert hidden.getvalue().strip() == ""
