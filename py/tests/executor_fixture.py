"""Executors for tests; conftest.py of etcd/ and cluster/ import the fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from etcdlab.executor.executors import Executor
    from etcdlab.testbed.dask_cluster import DaskCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """A Dask cluster that gives up a task whose worker dies, for others to hand it out again."""
    from etcdlab.testbed.dask_cluster import dask_cluster

    allowed = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"
    os.environ[allowed] = "0"
    try:
        with dask_cluster(2) as cluster:
            yield cluster
    finally:
        del os.environ[allowed]


@pytest.fixture(params=["processes", pytest.param("dask", marks=pytest.mark.slow)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two workers."""
    from etcdlab.executor.flags import executor_of

    name = request.param
    if name == "dask":
        name = request.getfixturevalue("cluster").executor
    with executor_of(name, 2) as executor:
        assert executor.workers == 2
        yield executor
