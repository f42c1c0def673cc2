"""What each member of a cluster is doing, for etcd_top.py."""
