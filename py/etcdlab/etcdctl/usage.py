"""etcdctl's usage and help texts: 3.5 and 3.6 lay them out themselves, 3.7 leaves it to cobra.

https://pkg.go.dev/github.com/spf13/cobra, https://pkg.go.dev/github.com/spf13/pflag
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.global_flags import GLOBAL_FLAGS
from etcdlab.etcdctl.pflag import Flag, of_release, switch
from etcdlab.etcdctl.release import Release

_OPTIONS = (
    'Use "etcdctl options" for a list of global command-line options (applies to all commands).\n'
)
_NAME_WIDTH = 11  # cobra's least width for the names of commands
# The names of types in cobra's texts, where they differ from pflag's.
_TYPES = {"stringSlice": "strings", "int64": "int"}
_ZEROS = {"string": "", "bool": "false"}  # cobra shows no default that is its type's zero


def usage_of(command: Command | Group, release: Release) -> str:
    """The text that follows an invalid flag."""
    if release >= Release.V3_7:
        return _cobra_usage(command, release)
    pad = "  " if release >= Release.V3_6 else "\t"
    long = command.long_of(release).strip("\n\t ")
    inherited = of_release((*command.inherited, *GLOBAL_FLAGS), release)
    sections = [
        f"NAME:\n{pad}{command.path} - {command.short}\n",
        f"USAGE:\n{pad}etcdctl {_words(command)} [flags]\n",
    ]
    if isinstance(command, Group):
        sections.append(f"API VERSION:\n{pad}{release.minor}\n" + "\n" * (pad == "\t"))
        sections.append(f"COMMANDS:\n{_command_rows(command, pad)}")
    if long:
        sections.append("DESCRIPTION:\n" + "".join(f"{pad}{line}\n" for line in long.splitlines()))
    sections.append(f"OPTIONS:\n{_flag_rows(_local(command, release))}")
    sections.append(f"GLOBAL OPTIONS:\n{_flag_rows(inherited)}")
    return "\n".join([*sections, ""])


def help_of(command: Command | Group, release: Release) -> str:
    """The text for --help."""
    usage = usage_of(command, release)
    if release < Release.V3_7:
        return usage
    about = command.long_of(release) or command.short
    return f"{about.rstrip()}\n\n{usage}{_OPTIONS}"


def _words(command: Command | Group) -> str:
    """The command with its arguments, as a usage line has them."""
    return f"{command.path} {command.arguments}".strip()


def _local(command: Command | Group, release: Release) -> tuple[Flag, ...]:
    """The command's own flags and --help."""
    own = switch("help", f"help for {command.name}", "h")
    return (*of_release(command.flags, release), own)


def _command_rows(group: Group, pad: str) -> str:
    left = "" if pad == "\t" else pad
    rows = columns([(left + each.name, each.short) for each in group.commands])
    return "".join(f"\t{line}\n" for line in rows.splitlines()) if pad == "\t" else rows


def _flag_rows(flags: Iterable[Flag]) -> str:
    """The lines of flags, sorted by name, with the texts in a column."""
    rows = []
    for flag in sorted(flags, key=lambda flag: flag.name):
        letter = f"-{flag.letter}, " if flag.letter else "    "
        rows.append((f"  {letter}--{flag.name}{_shown_default(flag)}", flag.text))
    return columns(rows)


def _shown_default(flag: Flag) -> str:
    if flag.kind == "bool":
        return f"[={flag.default}]"
    if flag.kind == "string":
        return f'="{flag.default}"'
    return f"=[{flag.default}]" if flag.kind == "stringSlice" else f"={flag.default}"


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Lines of two cells, aligned with tabs as Go's text/tabwriter does."""
    stop = (max(len(left) for left, _ in rows) // 8 + 1) * 8
    tabs = [-(-(stop - len(left)) // 8) for left, _ in rows]
    return "".join(
        f"{left}{count * chr(9)}{right}\n" for (left, right), count in zip(rows, tabs, strict=True)
    )


def _cobra_usage(command: Command | Group, release: Release) -> str:
    """The usage text by cobra's own template, which has no hidden flags: the global ones are."""
    flags = f"Flags:\n{flag_lines(_local(command, release))}"
    if isinstance(command, Group):
        width = max(_NAME_WIDTH, *(len(each.name) for each in command.commands))
        rows = "".join(f"  {each.name:{width}} {each.short}\n" for each in command.commands)
        more = (
            f'Use "etcdctl {command.path} [command] --help" for more information about a command.\n'
        )
        first = f"Usage:\n  etcdctl {command.path} [command]\n"
        return "\n".join([first, f"Available Commands:\n{rows}", flags, more])
    sections = [f"Usage:\n  etcdctl {_words(command)} [flags]\n", flags]
    if inherited := of_release(command.inherited, release):
        sections.append(f"Global Flags:\n{flag_lines(inherited)}")
    return "\n".join(sections)


def flag_lines(flags: Iterable[Flag]) -> str:
    """pflag's lines of flags, sorted by name: type, text and any default that is not zero."""
    rows = []
    for flag in sorted(flags, key=lambda flag: flag.name):
        letter = f"-{flag.letter}, " if flag.letter else "    "
        kind = "" if flag.kind == "bool" else f" {_TYPES.get(flag.kind, flag.kind)}"
        quoted = {"string": f'"{flag.default}"', "stringSlice": f"[{flag.default}]"}
        default = quoted.get(flag.kind, flag.default)
        more = "" if flag.default == _ZEROS.get(flag.kind, "0") else f" (default {default})"
        rows.append((f"  {letter}--{flag.name}{kind}", flag.text + more))
    width = max(len(left) for left, _ in rows)
    return "".join(f"{left:{width}}   {right}\n" for left, right in rows)
