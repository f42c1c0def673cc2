"""Run a walkthrough: flags, its own prefix, clean-up."""

from __future__ import annotations

import re
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace

from etcdlab.cli.connection_flags import add_connection, settings_of
from etcdlab.cli.flag_types import name_value
from etcdlab.cli.flags import Flags
from etcdlab.cli.main import exit_on_sigterm, note, run
from etcdlab.client.api import Client
from etcdlab.client.connect import connect
from etcdlab.client.tls import Tls
from etcdlab.errors import EXIT_DONE, LabError
from etcdlab.etcdctl.curl import access_of
from etcdlab.keys import prefix_range, show
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk_with(walk: Callable[[TranscriptClient], None], contract: str) -> None:
    """Run a script whose docstring is `contract` and whose walkthrough is `walk`."""
    topic = contract.removeprefix("walk_").partition(".")[0]

    def main(arguments: Sequence[str]) -> int:
        flags = parse(arguments, contract, topic)
        settings = settings_of(flags)
        # A dry run sends nothing, so it needs no login.
        access = access_of(settings.tls or Tls(), bool(settings.login))
        client = connect(replace(settings, login=None) if flags.dry_run else settings)
        lab = TranscriptClient(
            client,
            flags.prefix,
            wait_for_key=wait_for_key if flags.step else lambda: None,
            dry_run=flags.dry_run,
            curl_access=access if flags.curl else None,
        )
        try:
            if flags.dry_run:
                walk(lab)
            else:
                walk_and_clean_up(walk, lab)
        finally:
            client.close()
        return EXIT_DONE

    run(main)


def parse(arguments: Sequence[str], contract: str, topic: str) -> Namespace:
    """Parse the flags of a walkthrough."""
    flags = Flags(contract)
    add_connection(flags)
    flags.add(
        "prefix PREFIX", place_value, f"walk/{topic}/", "write under it; there must be no keys"
    )
    flags.add_switch("step", False, "wait for a key between steps")
    flags.add_switch("dry-run", False, "print the commands, run nothing")
    flags.add_switch("curl", False, "print the equivalent curl command under each command")
    return flags.parse(arguments)


def place_value(text: str) -> bytes:
    """Parse a prefix without characters that are special to a shell or to etcdctl txn."""
    if not re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", name_value(text)):
        raise ValueError(f"letters, digits and _@%+=:,./- only, not '{text}'")
    return text.encode()


def walk_and_clean_up(walk: Callable[[TranscriptClient], None], lab: TranscriptClient) -> None:
    """Run `walk` under its prefix, which must be empty, and remove its keys in any case."""
    if lab.client.range(*prefix_range(lab.prefix), limit=1, keys_only=True).kvs:
        prefix = show(lab.prefix)
        raise LabError(
            f"there are keys under '{prefix}' already: choose another place with --prefix"
        )
    exit_on_sigterm()
    try:
        walk(lab)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        clean_up(lab.client, lab)


def clean_up(client: Client, lab: TranscriptClient) -> None:
    """Delete the walkthrough's keys, and revoke its leases."""
    try:
        client.delete(*prefix_range(lab.prefix))
    except LabError as error:
        note(f"could not remove the keys under '{show(lab.prefix)}': {error}")
        return
    for lease in lab.granted:
        try:
            client.revoke(lease)
        except LabError:
            continue  # expired or revoked already


def wait_for_key() -> None:
    """Wait for a key, or for a character if stdin is no terminal."""
    if sys.stdin is None:  # the caller closed it
        return
    print("-- press a key --", end="", file=sys.stderr, flush=True)
    if sys.stdin.isatty():
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        try:
            tty.setcbreak(sys.stdin)
            sys.stdin.read(1)
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    else:
        sys.stdin.read(1)
    print("\r                 \r", end="", file=sys.stderr, flush=True)
