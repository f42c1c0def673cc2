"""The faults: each does its harm to the cluster under load, waits, and undoes it."""
