"""etcdctl's output formats, to the byte."""

from __future__ import annotations

from etcdlab.errors import LabError
from etcdlab.etcdctl.printers.base import Health, Printer

__all__ = ["Health", "Printer", "printer"]


def printer(name: str, is_hex: bool) -> Printer:
    """The printer for a --write-out; LabError if etcdctl has no such format."""
    if name == "simple":
        from etcdlab.etcdctl.printers.simple import SimplePrinter

        return SimplePrinter(is_hex)
    if name == "json":
        from etcdlab.etcdctl.printers.json import JsonPrinter

        return JsonPrinter(is_hex)
    if name == "fields":
        from etcdlab.etcdctl.printers.fields import FieldsPrinter

        return FieldsPrinter(is_hex)
    if name in ("table", "protobuf"):
        return Printer(is_hex, name)
    raise LabError("unsupported output format")
