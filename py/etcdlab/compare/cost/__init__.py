"""The cost of each client: time, bytes, CPU."""
