"""etcd's default limits and intervals."""

from __future__ import annotations

from etcdlab.errors import UsageError

# --max-txn-ops and --max-request-bytes:
# https://etcd.io/docs/v3.5/op-guide/configuration/
MAX_TXN_OPS = 128
MAX_REQUEST_BYTES = 1536 * 1024
# --backend-batch-interval: seconds until writes are in the database file, and in its size.
COMMIT_INTERVAL = 0.1
# Bytes that a put and a request add to keys and values, rounded up.
PUT_OVERHEAD = 32
REQUEST_OVERHEAD = 512


def puts_per_request(largest_value: int, longest_key: int) -> int:
    """Return how many puts of that size (in bytes) fit into a request, at most MAX_TXN_OPS.

    UsageError if not even one fits.
    """
    room = MAX_REQUEST_BYTES - REQUEST_OVERHEAD
    fitting = room // (largest_value + longest_key + PUT_OVERHEAD)
    if fitting == 0:
        raise UsageError(
            f"a value of {largest_value} bytes is more than etcd takes:"
            f" {room - longest_key - PUT_OVERHEAD} at most,"
            f" so that a request stays within {MAX_REQUEST_BYTES} bytes (1.5 MiB)"
        )
    return min(fitting, MAX_TXN_OPS)
