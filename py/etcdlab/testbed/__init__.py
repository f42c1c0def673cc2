"""Temporary etcds, proxies, certificates and Dask clusters on this machine."""
