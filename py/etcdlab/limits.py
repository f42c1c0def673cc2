"""What etcd takes and how soon it has it, by its defaults."""

from __future__ import annotations

from etcdlab.errors import UsageError

# --max-txn-ops and --max-request-bytes:
# https://etcd.io/docs/v3.5/op-guide/configuration/
MAX_TXN_OPS = 128
MAX_REQUEST_BYTES = 1536 * 1024
# Seconds until etcd has in its file what was written, and knows how large that is:
# --backend-batch-interval.
COMMIT_INTERVAL = 0.1
# What a put and a request take besides key and value, generously.
PUT_OVERHEAD = 32
REQUEST_OVERHEAD = 512


def puts_per_request(largest_value: int, longest_key: int) -> int:
    """How many puts of that size (in bytes) fit into one request, at most MAX_TXN_OPS.

    Raises UsageError when not even one does.
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
