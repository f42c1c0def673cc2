"""Members without space: writes are refused, until space is given back."""

from __future__ import annotations

from contextlib import ExitStack, closing

from etcdlab.chaos.faults.context import FaultContext
from etcdlab.errors import LabError, ServerError
from etcdlab.keys import ZERO, child
from etcdlab.scan.reclaim import compact, defragment, delete, disarm

BALLAST = b"ballast"
_PIECE = bytes(200_000)
_PIECES = 200  # more than any member here has room for
_AFTER = 1.5  # seconds of load once there is space again


def fill_disk(stage: FaultContext) -> None:
    """Fill the members, see the load refused, give space back, and write what was refused."""
    _fill(stage)
    stage.load.finish(stage.writers)
    failures = stage.load.failures
    if not any(isinstance(each, ServerError) and each.is_out_of_space for each in failures):
        raise LabError("disk-full: the load was not refused")
    tidy(stage)
    stage.load.write_again()
    stage.load.finish(stage.load.write(_AFTER))


def _fill(stage: FaultContext) -> None:
    """Write ballast until etcd refuses it."""
    with closing(stage.cluster.client(stage.victim)) as client:
        for number in range(_PIECES):
            try:
                client.put_all([(child(BALLAST, b"%08d" % number), _PIECE)])
            except ServerError as error:
                if error.is_out_of_space:
                    return
                raise
    raise LabError("disk-full: the members take more than their quota")


def tidy(stage: FaultContext) -> None:
    """Delete the ballast, and take etcd_tidy.py's other steps."""
    cluster = stage.cluster
    with ExitStack() as stack:
        members = [stack.enter_context(closing(cluster.client(each))) for each in cluster.members]
        delete(members[0], cluster.settings("native"), BALLAST)
        stage.load.history.read(members[0].range(ZERO, count_only=True).revision)
        compact(members[0])
        defragment(members)
        disarm(members[0])
