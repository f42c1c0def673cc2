"""How many puts go into one request."""

import pytest

from etcdlab.errors import UsageError
from etcdlab.limits import MAX_TXN_OPS, puts_per_request


def test_what_fits_into_a_request() -> None:
    assert puts_per_request(10, 20) == MAX_TXN_OPS
    assert puts_per_request(1_000_000, 20) == 1
    with pytest.raises(UsageError, match="a value of 1572864 bytes is more than etcd takes"):
        puts_per_request(1536 * 1024, 20)
