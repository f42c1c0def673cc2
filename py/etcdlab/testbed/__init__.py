"""etcds, proxies, certificates and Dask clusters of the lab's own, for a while."""
