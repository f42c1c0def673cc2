"""Tests of what the scripts promise to whoever runs them: flags, output, exit statuses, docs."""

from etcd_fixture import etcd, shared_etcd  # noqa: F401
