"""etcdctl watch."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

from etcdlab.client.api import Client
from etcdlab.client.resuming_watch import resuming_watch
from etcdlab.client.types import Event, Header, Watch, WatchReply
from etcdlab.errors import LabError
from etcdlab.etcdctl.command import Command
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_ARGUMENTS, FAILED, INTERRUPTED, CommandError, CurlLine, said
from etcdlab.etcdctl.pflag import Flag, FlagError, HelpWanted, Values, parse, switch, with_defaults
from etcdlab.etcdctl.txn_syntax import read_line, words
from etcdlab.gotext import quote
from etcdlab.keys import ZERO, prefix_range

FLAGS = (
    switch("interactive", "Interactive mode", "i"),
    switch("prefix", "Watch on a prefix if prefix is set"),
    Flag("rev", "int64", "0", "Revision to start watching"),
    switch("prev-kv", "get the previous key-value pair before the event happens"),
    switch("progress-notify", "get periodic watch progress notification from server"),
)


def run(context: Context, arguments: list[str]) -> None:
    """Print events until the watch is canceled."""
    named = _named_by_environment()
    if context.values["interactive"]:
        _interact(context, named)
    keys, command = _split(arguments, context.command_line, named)
    client = context.connect()
    _print(context, client, _request(context.values, keys), command)
    raise CommandError(INTERRUPTED, "watch is canceled by the server")


def _named_by_environment() -> list[str]:
    """[key], [key, range end] or [] from the environment."""
    key = os.environ.get("ETCDCTL_WATCH_KEY", "")
    range_end = os.environ.get("ETCDCTL_WATCH_RANGE_END", "")
    if range_end and not key:
        message = f"ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END={range_end!r}"
        raise CommandError(BAD_ARGUMENTS, message)
    return [text for text in (key, range_end) if text]


def _split(
    arguments: list[str], command_line: list[str], named: list[str]
) -> tuple[list[str], list[str]]:
    """(keys, command): the positional arguments before and after `--`."""
    number = "bad number of arguments"
    command = []
    if "--" in command_line:
        command = command_line[command_line.index("--") + 1 :]
        if not command:
            raise CommandError(BAD_ARGUMENTS, f"{number} (found separator --, but no commands)")
    keys = arguments[: len(arguments) - len(command)]
    if named and keys:
        raise CommandError(BAD_ARGUMENTS, f"{number} (found conflicting environment key)")
    if not named and not keys:
        raise CommandError(BAD_ARGUMENTS, number)
    return named or keys, command


def _request(values: Values, keys: list[str]) -> Watch:
    """The Watch of a key, a prefix or, for two keys, a range."""
    key, range_end = os.fsencode(keys[0]), b""
    if len(keys) == 2:
        if values["prefix"]:
            message = "`range_end` and `--prefix` are mutually exclusive"
            raise CommandError(BAD_ARGUMENTS, message)
        range_end = os.fsencode(keys[1])
    if values["prefix"]:
        key, range_end = prefix_range(key)
    return Watch(key, range_end, values["rev"], values["prev-kv"], values["progress-notify"])


def _print(context: Context, client: Client, request: Watch, command: list[str]) -> None:
    """Print replies, and run the command for each event, until the watch is canceled."""
    for reply in _replies(client, request):
        if reply.canceled:
            _say(f"watch was canceled ({_why(reply)})")
        if reply.is_progress:
            context.write(b"progress notify: %d\n" % reply.header.revision)
        context.write(context.printer.watch(reply))
        for event in reply.events if command else ():
            _execute(command, reply, event)
        if reply.canceled:
            return


def _replies(client: Client, request: Watch) -> Iterator[WatchReply]:
    """Yield the replies that etcdctl prints: all but the first, unless it is a refusal."""
    for reply in resuming_watch(client, request):
        if reply.canceled or not reply.created:
            yield _as_etcdctl_has_it(reply)


def _as_etcdctl_has_it(reply: WatchReply) -> WatchReply:
    """Remove the header of a watch that is refused at once, as etcdctl does."""
    return replace(reply, header=Header(), created=False) if reply.created else reply


def _why(reply: WatchReply) -> str:
    if reply.compact_revision:
        return "etcdserver: mvcc: required revision has been compacted"
    return reply.cancel_reason or "etcdserver: the watch was canceled"


def _execute(command: list[str], reply: WatchReply, event: Event) -> None:
    """Run the command with the event in its environment, quoted as in Go.

    Raises CommandError if it fails.
    """
    environment = {
        b"ETCD_WATCH_REVISION": b"%d" % reply.header.revision,
        b"ETCD_WATCH_EVENT_TYPE": quote(event.type.encode()),
        b"ETCD_WATCH_KEY": quote(event.kv.key),
        b"ETCD_WATCH_VALUE": quote(event.kv.value),
    }
    try:
        status = subprocess.run(command, env={**os.environb, **environment}).returncode
        failure = f"exit status {status}" if status else ""
    except OSError as error:
        failure = str(error.strerror)
    except ValueError:  # a word with a NUL, possible in a line of watch -i
        failure = "invalid argument"
    if failure:
        raise CommandError(FAILED, f"command {command} error ({failure})")


def _interact(context: Context, named: list[str]) -> None:
    """Start a watch for each watch line of stdin; CommandError at the end of stdin."""
    client = context.connect()
    watching = False
    while True:
        text = read_line("Error reading watch request line: EOF")
        arguments = words(text)
        if arguments[:1] == ["watch"]:
            _start(context, text, arguments[1:], named)
            watching = True
        elif arguments[:1] == ["progress"]:
            if watching:
                revision = client.range(ZERO, count_only=True).revision
                context.write(b"progress notify: %d\n" % revision)
        else:
            _say(f"Invalid command {text} (only support watch)")


def _start(context: Context, text: str, arguments: list[str], named: list[str]) -> None:
    """Start the watch of one line, in its own thread and on its own connection."""
    if not arguments and not named:
        _say(f"Invalid command {text} (command type or key is not provided)")
        return
    try:
        given, positional = parse(FLAGS, arguments)
    except (FlagError, HelpWanted) as error:
        raise CommandError(BAD_ARGUMENTS, str(error) or "help requested") from error
    keys, command = _split(positional, arguments, named)
    try:
        request = _request(with_defaults(FLAGS, given), keys)
    except CommandError as error:
        _say(f"Invalid command {text} ({error})")
        return
    client = context.client_of(())

    def follow() -> None:
        try:
            _print(context, client, request, command)
        except CurlLine as line:
            context.write(os.fsencode(f"{line}\n"))
        except LabError as error:
            _say(f"Error: {said(error)}")
            if isinstance(error, CommandError):
                os._exit(error.status)

    threading.Thread(target=follow, daemon=True).start()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


COMMAND = Command(
    "watch",
    "[options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
    "Watches events stream on keys or prefixes",
    run,
    FLAGS,
)
