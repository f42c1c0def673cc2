"""The encoding of puts that is built by hand, against protobuf's own."""

import pytest
from etcd3.etcdrpc import rpc_pb2
from hypothesis import given
from hypothesis import strategies as st

from etcdlab.client.proto_codec import decode_succeeded, encode_puts

# Lengths around those at which a varint grows by a byte.
LENGTHS = st.sampled_from([0, 1, 60, 119, 127, 128, 129, 500, 16383, 16384, 70_000])
ITEMS = st.lists(st.tuples(LENGTHS.map(lambda n: b"k" * n), LENGTHS.map(lambda n: b"v" * n)))


@given(ITEMS, st.integers(0, 2**63 - 1))
def test_protobuf_reads_what_was_written(items: list[tuple[bytes, bytes]], lease: int) -> None:
    txn = rpc_pb2.TxnRequest.FromString(encode_puts(items, lease))
    puts = [op.request_put for op in txn.success]
    assert [(put.key, put.value, put.lease) for put in puts] == [(*item, lease) for item in items]
    expected = rpc_pb2.TxnRequest(
        success=[
            rpc_pb2.RequestOp(request_put=rpc_pb2.PutRequest(key=key, value=value, lease=lease))
            for key, value in items
        ]
    )
    assert txn == expected


@pytest.mark.parametrize("succeeded", [True, False])
def test_whether_a_transaction_succeeded(succeeded: bool) -> None:
    assert decode_succeeded(rpc_pb2.TxnResponse(succeeded=succeeded).SerializeToString()) == (
        succeeded
    )
