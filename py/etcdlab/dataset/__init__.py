"""The data sets: each value is a pure function of seed and index."""
