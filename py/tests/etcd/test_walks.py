"""The walkthroughs: shell and Python tell the same, and every curl command does the same."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from etcd_fixture import Etcd, etcd_folder
from prefork import Prefork

from etcdlab import ROOT
from etcdlab.client import json_codec
from etcdlab.client.types import Delete, Put, Range, Reply, Txn
from etcdlab.etcdctl.printers import printer
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.polling import until
from etcdlab.walkthrough.normalize import normalize
from etcdlab.walkthrough.topics import TOPICS

WAYS = {
    "shell": ["scripts/walk_{}.sh"],
    "gateway": ["py/walk_{}.py", "--transport=gateway"],
    "native": ["py/walk_{}.py", "--transport=native"],
}
DEADLINE = 30.0  # seconds until something that has to expire is gone


def command(way: str, topic: str, *flags: str) -> list[str]:
    script, *more = WAYS[way]
    return [str(ROOT / script.format(topic)), *more, *flags]


def tell(etcd: Etcd, prefork: Prefork, way: str, topic: str, *flags: str) -> str:
    environment = os.environ | {"ETCD_ENDPOINT": etcd.url}
    environment["ETCDCTL"] = str(etcd_folder() / "etcdctl")
    words = command(way, topic, *flags)
    done = subprocess.run(
        prefork.quick(words), env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@dataclass
class Step:
    """One etcdctl command of a transcript, its curl command, and what it printed.

    What it printed is None where that went into a pipe or a file.
    """

    words: list[str]
    curl: str
    output: str | None


def steps(transcript: str) -> list[Step]:
    found = []
    for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        match = re.fullmatch(r"(etcdctl .*?)\n  (curl .*?)\n(.*)", part, re.DOTALL)
        if match is None:
            assert not part.startswith("etcdctl"), part
            continue
        output = re.sub(r"^\n(#.*\n)+", "", match[3], flags=re.MULTILINE)
        line = re.split(r" [|<>]", match[1])[0]
        is_piped = re.search(r" [|>] ", match[1].splitlines()[0])
        found.append(Step(shlex.split(line)[1:], match[2], None if is_piped else output))
    return found


def shown(reply: bytes, words: list[str]) -> str:
    """What etcdctl prints for the gateway's reply to the same command."""
    frames = [json.loads(line) for line in reply.splitlines()]
    if "message" in frames[0]:
        return f"Error: {frames[0]['message']}\n"
    simple = SimplePrinter("--hex" in words)
    simple.value_only = "--print-value-only" in words
    name = words[0] if words[0] != "lease" else words[1]
    body = frames[0].get("result", frames[0])
    if name == "watch":
        replies = [json_codec.decode_watch(frame["result"]) for frame in frames]
        return b"".join(map(simple.watch, replies)).decode("utf-8", "surrogateescape")
    if name == "compaction":
        assert json_codec.decode_header(body)
        return f"compacted revision {words[1]}\n"
    leases: dict[str, Callable[[], bytes]] = {
        "grant": lambda: simple.grant(json_codec.decode_grant(body)),
        "revoke": lambda: simple.revoke(int(words[2], 16), json_codec.decode_header(body)),
        "keep-alive": lambda: simple.keep_alive(json_codec.decode_keep_alive(body)),
        "timetolive": lambda: simple.time_to_live(
            json_codec.decode_time_to_live(body), "--keys" in words
        ),
    }
    if name in leases:
        return leases[name]().decode("utf-8", "surrogateescape")
    if "json" in words:
        simple = printer("json", False)  # type: ignore[assignment]
    ops = {"put": Put(b""), "get": Range(b""), "del": Delete(b""), "txn": Txn((), (), ())}
    decoded: Reply = json_codec.decode(ops[name], body)
    output = printer("fields", False) if "fields" in words else simple
    return output.reply(decoded).decode("utf-8", "surrogateescape")


def replay(step: Step, etcd: Etcd) -> None:
    """Paste the curl command, for another etcd; what it gets is what the client got."""
    text = re.sub(r"http://[^/]+", etcd.url, step.curl)
    if step.words[:2] == ["lease", "grant"]:
        assert step.output
        granted = int(step.output.split()[1], 16)  # let the other etcd's lease be called so
        text = text.replace('{"TTL"', f'{{"ID":{granted},"TTL"')
    reads = step.words[0] == "get" or step.words[:2] == ["lease", "timetolive"]
    deadline = time.monotonic() + (DEADLINE if reads else 0)
    expected = etcd.etcdctl(*step.words) if step.output is None else step.output
    while True:
        reply = subprocess.run(["bash", "-c", text], capture_output=True, timeout=60)
        assert reply.stdout, reply.stderr
        got = shown(reply.stdout, step.words)
        if plain(got) == plain(expected):
            return
        assert time.monotonic() < deadline, f"{text}\n{got}\ninstead of\n{expected}"
        time.sleep(0.5)


def plain(output: str) -> str:
    output = re.sub(r'("(?:ClusterID|MemberID)" : )\d+', r"\1ID", output)
    return re.sub(r"remaining\(\d+s\)", "remaining(Ns)", output)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_way_tells_the_same_and_curl_does_the_same(
    start_etcd: Callable[..., Etcd], prefork: Prefork, topic: str
) -> None:
    etcds = [start_etcd() for _ in range(1 + len(WAYS))]
    for etcd in etcds:
        etcd.put(b"walk", b"not ours")
    with ThreadPoolExecutor(len(WAYS)) as executor:
        told = list(
            executor.map(lambda etcd, way: tell(etcd, prefork, way, topic, "--curl"), etcds, WAYS)
        )
    transcripts = dict(zip(WAYS, told, strict=True))
    prefix = f"walk/{topic}/"
    expected = normalize(transcripts["shell"], prefix)
    assert expected.count("$ etcdctl") >= 5
    for way, transcript in transcripts.items():
        assert normalize(transcript, prefix) == expected, way
    for etcd in etcds:
        assert etcd.items(b"") == [(b"walk", b"not ours")]
        assert etcd.leases() == []
    found = steps(transcripts["shell"])
    assert len(found) == expected.count("$ etcdctl")
    for step in found:
        replay(step, etcds[-1])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_behind_when_it_is_ended(etcd: Etcd, way: str, number: int) -> None:
    process = subprocess.Popen(
        command(way, "leases", "--prefix=my/place/"),
        env=os.environ | {"ETCD_ENDPOINT": etcd.url, "ETCDCTL": str(etcd_folder() / "etcdctl")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        text=True,
    )
    assert until(lambda: etcd.items(b"my/place/"), DEADLINE)
    time.sleep(0.3)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else 143)
    assert "Traceback" not in errors
    assert etcd.items(b"") == []
    assert etcd.leases() == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_dry_run_is_the_commands_alone_and_needs_no_etcd(topic: str, prefork: Prefork) -> None:
    environment = os.environ | {"ETCD_ENDPOINT": "http://127.0.0.1:1"}
    printed = set()
    for way in WAYS:
        done = subprocess.run(
            prefork.quick(command(way, topic, "--dry-run", "--curl")),
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (done.returncode, done.stderr) == (0, "")
        printed.add(done.stdout)
    (text,) = printed
    assert not re.search(r"^(#|OK|lease )", text, re.MULTILINE)


def test_the_shell_has_the_same_topics() -> None:
    text = (ROOT / "scripts" / "walk.sh").read_text()
    found = re.search(r"^TOPICS=\((.*)\)$", text, re.MULTILINE)
    assert found and found[1].split() == list(TOPICS)
    for topic in TOPICS:
        assert (ROOT / "scripts" / f"walk_{topic}.sh").exists()
        assert (ROOT / "py" / f"walk_{topic}.py").exists()
