"""Who a script is to etcd: the user that -user and -password name, or who asks on a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from etcdlab.client.auth import Login
from etcdlab.errors import UsageError


def login_of(user: str, password: str = "") -> Login:
    """Return the login of `user`, which is name:password if there is no `password`.

    As etcdctl does; without either, it asks for the password on the terminal. UsageError
    without a name or a password, or if one is not UTF-8.
    """
    name, colon, rest = (user, "", "") if password else user.partition(":")
    if not name:
        raise UsageError("--user: needs a name")
    password = password or (rest if colon else _ask_password())
    try:
        (name + password).encode()
    except UnicodeEncodeError as error:  # bytes that are not UTF-8 come as surrogates
        raise UsageError("--user: neither name nor password may be anything but UTF-8") from error
    return Login(name, password)


def _ask_password() -> str:
    """Read it from the terminal, unseen, or as etcdctl does without one, a line of stdin."""
    from getpass import getpass

    password = ""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        password = sys.stdin.readline().rstrip("\n") if sys.stdin else ""
    else:
        with suppress(EOFError):
            password = getpass("Password: ")
    if not password:
        raise UsageError("--user: no password given, nor in ETCDCTL_PASSWORD")
    return password
