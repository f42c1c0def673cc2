"""Sort values by type: JSON, text, binary or other; a page at a time, for speed."""

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
    """The values of a page by type.

    `documents` are the parsed values of type json, `places` their indexes in the page;
    `broken` are the indexes of values that start like JSON but cannot be parsed.
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
    # One check of all of them suffices nearly always.
    if all(ascii_texts) and not _unprintable(b"".join(ascii_texts)):
        typed.values["text"] += ascii_texts
        return typed
    for value in ascii_texts:
        is_text = value and not _unprintable(value)
        typed.values["text" if is_text else "other"].append(value)
    return typed


def _unprintable(value: bytes) -> bytes:
    """The control characters of an ASCII value; translate() is much faster than a search."""
    return value.translate(None, _PRINTABLE)


def _type_beyond_ascii(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "binary"
    return "other" if _CONTROL.search(text) else "text"


def _loosely_read(value: bytes) -> object:
    """Parse a document with NaN, Infinity or a number too large for a float; None if broken.

    Python's json module writes NaN and Infinity; orjson refuses them.
    """
    try:
        return json.loads(value.decode())
    except (ValueError, RecursionError):
        return None
