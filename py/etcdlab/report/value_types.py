"""What a value is: JSON, text, binary or other, of all values of a page at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

TYPES = {
    "json": "an object or array of JSON, nested at most 1024 deep; NaN and Infinity may be in it",
    "text": "UTF-8, not empty, without control characters but tab and line ends",
    "binary": "not UTF-8",
    "other": "what is left: empty values, text with control characters",
}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_JSON_SPACE = b" \t\n\r"
_OPENING = b"{["
_MAY_BE_JSON = frozenset(_OPENING + _JSON_SPACE)


@dataclass
class TypedValues:
    """The values of a page, by type.

    `documents` are what those of type json say, and `places` where in the page they
    were; `broken` is where values were that start like JSON and are none.
    """

    values: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in TYPES})
    documents: list[object] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)


def sort_by_type(values: Sequence[bytes]) -> TypedValues:
    """Sort the values of a page by type, one of TYPES."""
    typed = TypedValues()
    jsons, documents, places = typed.values["json"], typed.documents, typed.places
    ascii_texts: list[bytes] = []
    for place, value in enumerate(values):
        if value and value[0] in _MAY_BE_JSON:
            try:
                document = orjson.loads(value)
            except orjson.JSONDecodeError as error:
                document = None if "depth limit" in str(error) else _loosely_read(value)
            if type(document) is dict or type(document) is list:
                jsons.append(value)
                documents.append(document)
                places.append(place)
                continue
            if value.lstrip(_JSON_SPACE)[:1] in (b"{", b"["):
                typed.broken.append(place)
        if value.isascii():
            ascii_texts.append(value)
        else:
            typed.values[_type_beyond_ascii(value)].append(value)
    # Of all of them at once nothing is left nearly always.
    if all(ascii_texts) and not _unprintable(b"".join(ascii_texts)):
        typed.values["text"] += ascii_texts
        return typed
    for value in ascii_texts:
        is_text = value and not _unprintable(value)
        typed.values["text" if is_text else "other"].append(value)
    return typed


def _unprintable(value: bytes) -> bytes:
    """The bytes of an ASCII value that no text has: much faster to find than to search for."""
    return value.translate(None, _PRINTABLE)


def _type_beyond_ascii(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "binary"
    return "other" if _CONTROL.search(text) else "text"


def _loosely_read(value: bytes) -> object:
    """A document with NaN, Infinity or a number beyond all floats in it; None if broken.

    Python's own JSON and JavaScript's tools write such; orjson reads none.
    """
    try:
        return json.loads(value.decode())
    except (ValueError, RecursionError):
        return None
