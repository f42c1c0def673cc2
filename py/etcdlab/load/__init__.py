"""Writing keys in bulk, and measuring it."""
