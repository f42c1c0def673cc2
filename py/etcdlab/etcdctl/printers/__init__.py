"""etcdctl's output formats, byte for byte: what a reply looks like on stdout."""

from __future__ import annotations

from etcdlab.errors import LabError
from etcdlab.etcdctl.printers.base import Health, Printer

__all__ = ["Health", "Printer", "printer"]


def printer(name: str, is_hex: bool) -> Printer:
    """The printer of that --write-out; LabError when etcdctl has none of that name."""
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
