"""Find the command of a command line, parse its flags, run it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from etcdlab.cli.main import in_a_line
from etcdlab.errors import LabError, UnsupportedFormat
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.commands import OTHERS, load, names_of
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_FEATURE, FAILED, CommandError, CurlLine, not_here, said
from etcdlab.etcdctl.global_flags import ALL_FLAGS
from etcdlab.etcdctl.pflag import Flag, FlagError, HelpWanted, of_release, parse, split_command
from etcdlab.etcdctl.release import Release, release_of


def dispatch(arguments: Sequence[str], contract: str) -> int:
    """Run the command that `arguments` name; return etcdctl's exit status.

    `contract` is the script's help, printed if no command is named.
    """
    try:
        release = release_of(arguments)
    except CommandError as error:
        return _fail(error.status, str(error))
    flags = of_release(ALL_FLAGS, release)
    index, word = split_command(flags, arguments)
    if index < 0:
        return _explain(contract, contract, flags, arguments, release)
    if word == "help":
        return _help(arguments[index + 1 :], contract, release)
    others = [name for name, since in OTHERS.items() if since <= release]
    here = names_of(release)
    name = _only([*here, *others], word)
    if name not in here:
        unknown = f'unknown command "{word}" for "etcdctl"'
        return _fail(FAILED, str(not_here(name)) if name else unknown)
    command = load(name)
    rest = [*arguments[:index], *arguments[index + 1 :]]
    if isinstance(command, Group):
        group, flags = command, (*flags, *of_release(command.flags, release))
        index, word = split_command(flags, rest)
        chosen = _only([each.name for each in group.commands], word)
        if not chosen:
            return _explain_command(group, flags, rest, release)
        (command,) = [each for each in group.commands if each.name == chosen]
        rest = [*rest[:index], *rest[index + 1 :]]
    return _run(command, rest, release)


def _only(names: list[str], word: str) -> str:
    """`word` if it is one of `names`, or the only name that begins with it; else ""."""
    found = [name for name in names if word and name.startswith(word)]
    return word if word in found else found[0] if len(found) == 1 else ""


def _help(arguments: Sequence[str], contract: str, release: Release) -> int:
    """Print the help of the command that `arguments` name, if any."""
    names = [text for text in arguments if not text.startswith("-")]
    if not names or names[0] not in names_of(release):
        sys.stdout.write(contract)
        return 0
    from etcdlab.etcdctl.usage import help_of

    command = load(names[0])
    if isinstance(command, Group) and len(names) > 1:
        for each in command.commands:
            command = each if each.name == names[1] else command
    sys.stdout.write(help_of(command, release))
    return 0


def _explain_command(
    command: Command | Group, flags: Sequence[Flag], arguments: Sequence[str], release: Release
) -> int:
    from etcdlab.etcdctl.usage import help_of, usage_of

    texts = usage_of(command, release), help_of(command, release)
    return _explain(*texts, flags, arguments, release)


def _explain(
    usage: str, help_text: str, flags: Sequence[Flag], arguments: Sequence[str], release: Release
) -> int:
    """Print the help; fail, with the usage, if a flag in `arguments` is invalid.

    The usage is on stdout up to 3.6, on stderr since.
    """
    try:
        parse(flags, arguments)
    except FlagError as error:
        after = release >= Release.V3_7
        if not after:
            sys.stdout.write(usage)
        status = _fail(FAILED, str(error))
        if after:
            sys.stderr.write(f"{usage}\n")
        return status
    except HelpWanted:
        pass
    sys.stdout.write(help_text)
    return 0


def _run(command: Command, arguments: Sequence[str], release: Release) -> int:
    flags = command.all_flags(release)
    try:
        given, positional = parse(flags, arguments)
    except (FlagError, HelpWanted):
        return _explain_command(command, flags, arguments, release)
    context = Context(release, flags, given, arguments)
    try:
        return command.run(context, positional) or 0
    except CurlLine as line:
        context.write(os.fsencode(f"{line}\n"))
        return 0
    except CommandError as error:
        return _fail(error.status, str(error))
    except UnsupportedFormat as error:
        return _fail(BAD_FEATURE, str(error))
    except LabError as error:
        return _fail(command.failure, said(error))


def _fail(status: int, message: str) -> int:
    sys.stdout.flush()
    print(f"Error: {in_a_line(message)}", file=sys.stderr)
    return status
