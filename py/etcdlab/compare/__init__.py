"""What etcdctl, the JSON gateway and python-etcd3 make of the same thing."""
