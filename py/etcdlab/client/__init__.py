"""Clients of etcd over two transports, with retries, TLS and users."""
