"""Comparison of etcdctl, the JSON gateway and python-etcd3 on the same requests."""
