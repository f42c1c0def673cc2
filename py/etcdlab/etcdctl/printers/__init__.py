"""etcdctl's output formats, to the byte."""

from __future__ import annotations

from etcdlab.errors import LabError
from etcdlab.etcdctl.printers.base import Health, Outcome, Printer
from etcdlab.etcdctl.release import NEWEST, Release

__all__ = ["Health", "Outcome", "Printer", "printer"]


def printer(name: str, is_hex: bool, release: Release = NEWEST) -> Printer:
    """The printer for a --write-out, as of `release`; LabError if etcdctl has no such format."""
    if name == "simple":
        from etcdlab.etcdctl.printers.simple import SimplePrinter

        return SimplePrinter(is_hex, release)
    if name == "json":
        from etcdlab.etcdctl.printers.json import JsonPrinter

        return JsonPrinter(is_hex, release)
    if name == "fields":
        from etcdlab.etcdctl.printers.fields import FieldsPrinter

        return FieldsPrinter(is_hex, release)
    if name == "table":
        from etcdlab.etcdctl.printers.table import TablePrinter

        return TablePrinter(is_hex, release, name)
    if name == "protobuf":
        return Printer(is_hex, release, name)
    raise LabError("unsupported output format")
