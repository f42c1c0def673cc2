"""What the members of a cluster are doing now."""
