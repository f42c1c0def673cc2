"""What each client costs: time, bytes, processor."""
