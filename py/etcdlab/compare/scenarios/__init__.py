"""The scenarios of etcd_compare.py, one or two files per group."""
