"""What carries out tasks: threads, processes, a Dask cluster."""
