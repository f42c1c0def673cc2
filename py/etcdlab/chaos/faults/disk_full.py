"""Members out of space: etcd refuses writes until space is given back."""

from __future__ import annotations

from contextlib import ExitStack, closing

from etcdlab.chaos.faults.context import FaultContext
from etcdlab.errors import LabError, ServerError
from etcdlab.keys import ZERO, child
from etcdlab.scan.reclaim import compact, defragment, delete, disarm

BALLAST = b"ballast"
QUOTA = 8 << 20  # bytes
_PIECE = bytes(200_000)
_PIECES = 200  # 40 MB: more than QUOTA
_AFTER = 1.5  # seconds of writing once there is space again


def fill_disk(context: FaultContext) -> None:
    """Fill the members, give space back once writes were refused, and write those again.

    LabError if etcd refuses none of the traffic's writes.
    """
    _fill(context)
    context.traffic.finish(context.writers)
    failures = context.traffic.failures
    if not any(isinstance(each, ServerError) and each.is_out_of_space for each in failures):
        raise LabError("disk-full: the load was not refused")
    tidy(context)
    context.traffic.write_again()
    context.traffic.finish(context.traffic.write(_AFTER))


def _fill(context: FaultContext) -> None:
    """Write ballast until etcd refuses it; LabError if it takes all of it."""
    with closing(context.cluster.client(context.victim)) as client:
        for number in range(_PIECES):
            try:
                client.put_all([(child(BALLAST, b"%08d" % number), _PIECE)])
            except ServerError as error:
                if error.is_out_of_space:
                    return
                raise
    raise LabError("disk-full: the members take more than their quota")


def tidy(context: FaultContext) -> None:
    """Delete the ballast, compact, defragment, and disarm the alarms, as etcd_tidy.py does."""
    cluster = context.cluster
    with ExitStack() as stack:
        members = [stack.enter_context(closing(cluster.client(each))) for each in cluster.members]
        delete(members[0], cluster.settings("native"), BALLAST)
        context.traffic.history.read(members[0].range(ZERO, count_only=True).revision)
        compact(members[0])
        defragment(members)
        disarm(members[0])
