"""A client that prints a transcript of its requests as etcdctl commands.

Prints the etcdctl command and, on request, the curl command before each request, and
etcdctl's output after it. scripts/lib/walk.sh does the same in shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from etcdlab.client.api import Client
from etcdlab.client.types import OPERATOR, Compare, Delete, Op, Put, Range, SortOrder, Txn, Watch
from etcdlab.errors import LabError, ServerError
from etcdlab.etcdctl.curl import CurlClient
from etcdlab.etcdctl.errors import CurlLine
from etcdlab.etcdctl.printers import printer
from etcdlab.etcdctl.printers.simple import SimplePrinter
from etcdlab.keys import prefix_range
from etcdlab.polling import until

DEADLINE = 60.0  # seconds to wait for a lease to expire
POLL = 0.2  # seconds between two reads

# The lease and the revision of a dry run: no other request has a negative number.
NO_LEASE, NO_REVISION = -1, -2
_SHOWN = {NO_LEASE: "LEASE_ID", NO_REVISION: "REVISION"}

Word = str | bytes


class TranscriptClient:
    """Sends requests, and prints each. Calls `wait_for_key` between two steps."""

    def __init__(
        self,
        client: Client,
        prefix: bytes,
        *,
        wait_for_key: Callable[[], object],
        dry_run: bool = False,
        curl_access: str | None = None,
    ) -> None:
        """`prefix` is that of all keys; a dry run prints commands and sends nothing.

        `curl_access` are the flags of access_of() if curl commands are wanted.
        """
        self.client = client
        self.prefix = prefix
        self.granted: list[int] = []
        self._dry_run = dry_run
        self._curl_access = curl_access
        self._wait_for_key = wait_for_key
        self._steps = 0

    def key(self, name: str) -> bytes:
        """The key `name` under the walkthrough's prefix."""
        return self.prefix + name.encode()

    def title(self, text: str) -> None:
        """Print the walkthrough's title."""
        if not self._dry_run:
            print(f"{text}\n{'=' * len(text)}")

    def step(self, *lines: str) -> None:
        """Print the explanation of the next commands, one line per argument."""
        if self._dry_run:
            return
        if self._steps:
            self._wait_for_key()
        self._steps += 1
        print("", *(f"# {line}" for line in lines), sep="\n")

    def put(
        self, key: bytes, value: bytes, *, lease: int = 0, prev_kv: bool = False, file: str = ""
    ) -> None:
        """Put; `file` is the file that etcdctl reads the value from, if any."""
        words: list[Word] = ["put", key] if file else ["put", key, value]
        words += _if(lease, f"--lease={_shown_lease(lease)}") + _if(prev_kv, "--prev-kv")
        self._run(words, Put(key, value, lease, prev_kv), after=f"< {file}" if file else "")

    def get(
        self,
        key: bytes,
        range_end: bytes = b"",
        *,
        prefix: bool = False,
        limit: int = 0,
        order: SortOrder = "NONE",
        revision: int = 0,
        keys_only: bool = False,
        value_only: bool = False,
        hexadecimal: bool = False,
        write_out: str = "simple",
        after: str = "",
    ) -> bytes:
        """Get, and return etcdctl's output; print it unless `after` redirects it.

        `after` is the rest of the command line: a pipe or a redirection.
        """
        words: list[Word] = ["get", key, *_if(range_end, range_end)]
        words += _if(prefix, "--prefix") + _if(limit, f"--limit={limit}")
        words += _if(order != "NONE", f"--order={order}")
        words += _if(revision, f"--rev={_shown(revision)}") + _if(keys_only, "--keys-only")
        words += _if(value_only, "--print-value-only") + _if(hexadecimal, "--hex")
        words += _if(write_out != "simple", "-w", write_out)
        if prefix:
            key, range_end = prefix_range(key)
        op = Range(key, range_end, limit, revision, order, keys_only=keys_only)
        output = printer(write_out, hexadecimal)
        if isinstance(output, SimplePrinter):
            output.value_only = value_only
        return self._run(words, op, output.reply, after=after)

    def delete(self, key: bytes, *, prefix: bool = False) -> None:
        """Delete a key, or all keys with a prefix."""
        op = Delete(*prefix_range(key)) if prefix else Delete(key)
        self._run(["del", key, *_if(prefix, "--prefix")], op)

    def txn(
        self, compares: Sequence[Compare], success: Sequence[Op], failure: Sequence[Op]
    ) -> None:
        """Run a transaction: `success` if all compares hold, else `failure`."""
        lines = [*map(_compare_line, compares), "", *map(_op_line, success), ""]
        text = "\n".join([*lines, *map(_op_line, failure), ""])
        op = Txn(tuple(compares), tuple(success), tuple(failure))
        self._run(["txn"], op, after=f"<<'EOF'\n{text}\nEOF")

    def grant(self, ttl: int) -> int:
        """Grant a lease of `ttl` seconds; return its ID, NO_LEASE in a dry run."""

        def grant(client: Client) -> bytes:
            reply = client.grant(ttl)
            self.granted.append(reply.id)
            return _SIMPLE.grant(reply)

        self._show(["lease", "grant", str(ttl)], grant)
        return NO_LEASE if self._dry_run else self.granted[-1]

    def time_to_live(self, lease: int, keys: bool = False) -> None:
        """Print a lease's time to live."""
        self._show(
            ["lease", "timetolive", _shown_lease(lease), *_if(keys, "--keys")],
            lambda client: _SIMPLE.time_to_live(client.time_to_live(lease, keys), keys),
        )

    def keep_alive(self, lease: int, once: bool = False) -> None:
        """Renew a lease once."""
        self._show(
            ["lease", "keep-alive", *_if(once, "--once"), _shown_lease(lease)],
            lambda client: _SIMPLE.keep_alive(client.keep_alive(lease)),
        )

    def revoke(self, lease: int) -> None:
        """Revoke a lease."""
        self._show(
            ["lease", "revoke", _shown_lease(lease)],
            lambda client: _SIMPLE.revoke(lease, client.revoke(lease)),
        )

    def watch(self, key: bytes, revision: int, events: int, prev_kv: bool = False) -> None:
        """Watch a key from `revision` on until `events` events have come."""
        words = ["watch", key, f"--rev={_shown(revision)}", *_if(prev_kv, "--prev-kv")]

        def follow(client: Client) -> bytes:
            seen, output = 0, b""
            for reply in client.watch(Watch(key, revision=revision, prev_kv=prev_kv)):
                output += _SIMPLE.watch(reply)
                seen += len(reply.events)
                if seen >= events:
                    break
            return output

        self._show(words, follow)

    def compact(self, revision: int) -> None:
        """Compact the history before a revision."""

        def compact(client: Client) -> bytes:
            client.compact(revision)
            return b"compacted revision %d\n" % revision

        self._show(["compaction", _shown(revision)], compact)

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Print etcd's refusal of the request in the block; LabError if it does not refuse."""
        try:
            yield
        except ServerError as error:
            self._print(f"Error: {error.message}\n".encode())
        else:
            if not self._dry_run:
                raise LabError("etcd did not refuse what it should have")

    def command(self, text: str, output: bytes = b"") -> None:
        """Print a command of this machine, which the caller carries out, and its output."""
        print(f"$ {text}")
        if not self._dry_run:
            self._print(output)

    def revision_of(self, key: bytes) -> int:
        """The mod revision of a key, NO_REVISION in a dry run; not in the transcript."""
        if self._dry_run:
            return NO_REVISION
        return self.client.range(key).kvs[0].mod_revision

    def wait_until_gone(self, key: bytes) -> None:
        """Poll until the key is gone: a lease may outlive its TTL by a second.

        Raises LabError after DEADLINE.
        """
        if self._dry_run:
            return
        if not until(lambda: not self.client.range(key, keys_only=True).kvs, DEADLINE, POLL):
            raise LabError(f"{key!r} is still there after {DEADLINE:g} s")

    def _run(
        self,
        words: Sequence[Word],
        op: Op,
        output: Callable[..., bytes] | None = None,
        after: str = "",
    ) -> bytes:
        """Print and execute one operation; return etcdctl's output."""
        return self._show(
            words, lambda client: (output or _SIMPLE.reply)(client.execute(op)), after
        )

    def _show(
        self, words: Sequence[Word], perform: Callable[[Client], bytes], after: str = ""
    ) -> bytes:
        """Print a command, for etcdctl and for curl, then `perform` it unless this is a dry run.

        `perform` returns etcdctl's output, which is printed and returned; not printed if
        `after`, the rest of the command line, redirects it.
        """
        texts = [word.decode() if isinstance(word, bytes) else word for word in words]
        print("$", " ".join(filter(None, [shlex.join(["etcdctl", *texts]), after])))
        if self._curl_access is not None:
            print(f"  {self._curl_line(perform, self._curl_access)}")
        if self._dry_run:
            return b""
        output = perform(self.client)
        if not after.startswith((">", "|")):
            self._print(output)
        return output

    def _curl_line(self, perform: Callable[[Client], bytes], access: str) -> str:
        try:
            perform(cast(Client, CurlClient(self.client.endpoint, access)))
        except CurlLine as line:
            text = str(line)
        for number, name in _SHOWN.items():
            text = text.replace(f":{number}", f":{name}")
        return text

    def _print(self, output: bytes) -> None:
        print(output.decode(), end="", flush=True)


_SIMPLE = SimplePrinter(is_hex=False)


def _if(condition: object, *words: Word) -> list[Word]:
    return list(words) if condition else []


def _shown(revision: int) -> str:
    return _SHOWN.get(revision, str(revision))


def _shown_lease(lease: int) -> str:
    return _SHOWN.get(lease, f"{lease:016x}")


def _compare_line(compare: Compare) -> str:
    operand = compare.operand
    text = operand.decode() if isinstance(operand, bytes) else str(operand)
    target, operator = compare.target.lower(), OPERATOR[compare.result]
    return f'{target}("{compare.key.decode()}") {operator} "{text}"'


def _op_line(op: Op) -> str:
    """The line of a put, get or del in a transaction."""
    if isinstance(op, Put):
        lease = f" --lease={_shown_lease(op.lease)}" if op.lease else ""
        return f"put {op.key.decode()} {op.value.decode()}{lease}"
    if isinstance(op, Range):
        return f"get {op.key.decode()}"
    assert isinstance(op, Delete)
    return f"del {op.key.decode()}"
