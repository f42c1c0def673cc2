"""The small data sets of `make seed`, byte for byte those of scripts/load_fake_data.sh."""

from __future__ import annotations

from dataclasses import dataclass

_COLOURS = ("amber", "blue", "coral", "green", "indigo", "olive", "plum", "teal")
# Magic bytes, then NUL and newline, which careless tools lose.
_BLOB_BLOCK = b"\xca\xfe\xba\xbe\x00\n"
_BLOCK_BYTES = 256


@dataclass(frozen=True)
class Datasets:
    """The numbers of strings, documents and blobs, and the size of a blob in bytes."""

    strings: int
    documents: int
    blobs: int
    blob_bytes: int

    def __len__(self) -> int:
        return self.strings + self.documents + self.blobs

    def item(self, index: int) -> tuple[bytes, bytes]:
        """Return the key and value of an index below len(): strings, documents, then blobs."""
        if index < self.strings:
            return b"datasets/strings/%08d" % index, string(index)
        index -= self.strings
        if index < self.documents:
            return b"datasets/json/%08d" % index, document(index)
        index -= self.documents
        return b"datasets/blobs/%08d" % index, blob(index, self.blob_bytes)


def string(index: int) -> bytes:
    """Return a short line of text."""
    return b"string %d is %b" % (index, _colour(index))


def document(index: int) -> bytes:
    """Return a JSON document with a numeric price."""
    cents = (index * 7919 + 1999) % 100_000
    return b'{"id":%d,"name":"item %d","colour":"%b","price":%d.%02d}' % (
        index,
        index,
        _colour(index),
        cents // 100,
        cents % 100,
    )


def blob(index: int, size: int) -> bytes:
    """Return `size` bytes that are not text: one block, repeated and cut."""
    block = _BLOB_BLOCK + bytes((index + k) % 256 for k in range(_BLOCK_BYTES - len(_BLOB_BLOCK)))
    return (block * (size // _BLOCK_BYTES + 1))[:size]


def _colour(index: int) -> bytes:
    return _COLOURS[index % len(_COLOURS)].encode()
