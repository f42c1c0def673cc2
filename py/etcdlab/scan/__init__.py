"""Reading keys: pages, windows, shards, verification, and giving space back."""
