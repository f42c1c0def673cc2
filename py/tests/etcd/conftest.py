"""Tests of one part of the lab against a real etcd."""

from etcd_fixture import etcd, shared_etcd, start_etcd  # noqa: F401
from executor_fixture import cluster, executor  # noqa: F401
