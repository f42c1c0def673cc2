"""What carries out tasks: threads, processes or a Dask cluster."""
