"""etcdctl in Python, byte for byte."""
