"""Run a walkthrough in shell and in Python over both transports, and compare."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff

from etcdlab import ROOT
from etcdlab.walkthrough.normalize import normalize

WAYS = ("shell", "gateway", "native")
DEADLINE = 180  # seconds for one walkthrough


@dataclass(frozen=True)
class Transcript:
    """The normalized output of one walkthrough; `failure` is empty unless it failed."""

    text: str
    failure: str = ""


def transcripts_of(topic: str, variables: dict[str, str]) -> list[Transcript]:
    """Run one topic in all WAYS: in parallel, unless it compacts what the others read.

    `variables` are the environment variables that name the etcd.
    """
    workers = 1 if topic == "history" else len(WAYS)
    with ThreadPoolExecutor(workers) as executor:
        return list(executor.map(lambda way: _transcript(topic, way, variables), WAYS))


def _transcript(topic: str, way: str, variables: dict[str, str]) -> Transcript:
    """Run one walkthrough in one way, under its own prefix."""
    prefix = f"parity/{os.getpid()}/{way}/{topic}/"
    if way == "shell":
        command = [str(ROOT / "scripts" / f"walk_{topic}.sh")]
    else:
        command = [sys.executable, str(ROOT / "py" / f"walk_{topic}.py"), f"-transport={way}"]
    try:
        done = subprocess.run(
            [*command, f"-prefix={prefix}"],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
    except subprocess.TimeoutExpired:
        return Transcript("", f"no end after {DEADLINE} s")
    failure = (done.stderr.strip() or f"status {done.returncode}") if done.returncode else ""
    return Transcript(normalize(done.stdout, prefix), failure)


def is_same(transcripts: Sequence[Transcript]) -> bool:
    """Whether all are equal and none failed."""
    return len({each.text for each in transcripts}) == 1 and not any(
        each.failure for each in transcripts
    )


def differences(topic: str, transcripts: Sequence[Transcript]) -> Iterator[str]:
    """Yield the reason of each failure, and each diff to the shell's transcript."""
    for way, each in zip(WAYS, transcripts, strict=True):
        if each.failure:
            yield f"{topic}, {way}: {each.failure}"
        diff = unified_diff(
            transcripts[0].text.splitlines(),
            each.text.splitlines(),
            f"{topic}, {WAYS[0]}",
            f"{topic}, {way}",
            lineterm="",
        )
        if text := "\n".join(diff):
            yield text
