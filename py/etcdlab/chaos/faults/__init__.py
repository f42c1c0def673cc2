"""The faults, a module to each kind, and the registry of their names."""
