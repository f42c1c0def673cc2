"""The walkthroughs' names."""

# In teaching order; the same as TOPICS in scripts/walk.sh.
TOPICS = ("basics", "ranges", "leases", "values", "history", "txn")
