"""How etcd is reached: requests and replies, two transports, retries, TLS and users."""
