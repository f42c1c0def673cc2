"""etcdctl alarm list and alarm disarm."""

from __future__ import annotations

from etcdlab.client import admin
from etcdlab.client.types import Header
from etcdlab.etcdctl.command import Command, Group
from etcdlab.etcdctl.context import Context, exactly

_NONE = "alarm {} command accepts no arguments"


def disarm(context: Context, arguments: list[str]) -> None:
    """Disarm all alarms, and print them. etcdctl prints no header, since it asks several times."""
    exactly(0, arguments, _NONE.format("disarm"))
    client = context.connect()
    raised = client.ask(admin.alarm_list()).alarms
    disarmed = [each for alarm in raised for each in client.ask(admin.alarm_disarm(alarm)).alarms]
    context.write(context.printer.alarms(admin.Alarms(Header(), disarmed)))


def list_alarms(context: Context, arguments: list[str]) -> None:
    """Print all alarms."""
    exactly(0, arguments, _NONE.format("list"))
    context.write(context.printer.alarms(context.connect().ask(admin.alarm_list())))


COMMAND = Group(
    "alarm",
    "Alarm related commands",
    (
        Command("alarm disarm", "", "Disarms all alarms", disarm),
        Command("alarm list", "", "Lists all alarms", list_alarms),
    ),
)
