"""Tests with several processes: clusters of etcd and of Dask, and members that are killed."""

from etcd_fixture import start_etcd  # noqa: F401
from executor_fixture import cluster, executor  # noqa: F401
