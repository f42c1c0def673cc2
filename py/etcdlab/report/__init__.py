"""What the keys under a prefix are: collected, saved, compared, rendered."""
