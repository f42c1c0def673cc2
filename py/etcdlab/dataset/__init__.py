"""What is written: each value a pure function of seed and index."""
