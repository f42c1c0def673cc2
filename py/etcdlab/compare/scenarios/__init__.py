"""The scenarios of etcd_compare.py, a file to each group."""
