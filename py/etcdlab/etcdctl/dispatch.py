"""Find the command of a command line, parse its flags, run it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from etcdlab.cli.main import in_a_line
from etcdlab.errors import LabError, UnsupportedFormat
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.commands import MODULES, OTHERS, load
from etcdlab.etcdctl.context import Context
from etcdlab.etcdctl.errors import BAD_FEATURE, FAILED, CommandError, CurlLine, said
from etcdlab.etcdctl.global_flags import ALL_FLAGS
from etcdlab.etcdctl.pflag import Flag, FlagError, HelpWanted, parse, split_command


def dispatch(arguments: Sequence[str], contract: str) -> int:
    """Run the command that `arguments` name; return etcdctl's exit status.

    `contract` is the script's help, printed if no command is named.
    """
    flags: tuple[Flag, ...] = ALL_FLAGS
    index, word = split_command(flags, arguments)
    if word == "help" or index < 0:
        return _help(flags, arguments, contract, index)
    name = _only([*MODULES, *OTHERS], word)
    if name not in MODULES:
        known = name and f"{name}: etcdctl has it, this one does not"
        return _fail(FAILED, known or f'unknown command "{word}" for "etcdctl"')
    command = load(name)
    rest = [*arguments[:index], *arguments[index + 1 :]]
    if isinstance(command, Group):
        group, flags = command, (*flags, *command.flags)
        index, word = split_command(flags, rest)
        chosen = _only([each.path.split()[-1] for each in group.commands], word)
        if not chosen:
            return _usage(group.usage(), flags, rest)
        (command,) = [each for each in group.commands if each.path.split()[-1] == chosen]
        rest = [*rest[:index], *rest[index + 1 :]]
    return _run(command, rest)


def _only(names: list[str], word: str) -> str:
    """`word` if it is one of `names`, or the only name that begins with it; else ""."""
    found = [name for name in names if word and name.startswith(word)]
    return word if word in found else found[0] if len(found) == 1 else ""


def _help(flags: Sequence[Flag], arguments: Sequence[str], contract: str, index: int) -> int:
    """Run `help`, `help COMMAND` or no command at all."""
    if index < 0:
        return _usage(contract, flags, arguments)
    names = [text for text in arguments[index + 1 :] if not text.startswith("-")]
    if not names or names[0] not in MODULES:
        return _usage(contract, flags, ())
    command = load(names[0])
    if isinstance(command, Group) and len(names) > 1:
        for each in command.commands:
            command = each if each.path.split()[-1] == names[1] else command
    return _usage(command.usage(), flags, ())


def _usage(text: str, flags: Sequence[Flag], arguments: Sequence[str]) -> int:
    """Print the usage on stdout; fail if a flag in `arguments` is invalid."""
    sys.stdout.write(text)
    try:
        parse(flags, arguments)
    except FlagError as error:
        return _fail(FAILED, str(error))
    except HelpWanted:
        pass
    return 0


def _run(command: Command, arguments: Sequence[str]) -> int:
    try:
        given, positional = parse(command.all_flags, arguments)
    except (FlagError, HelpWanted):
        return _usage(command.usage(), command.all_flags, arguments)
    context = Context(command.all_flags, given, arguments)
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
