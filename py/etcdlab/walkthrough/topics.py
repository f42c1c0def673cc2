"""The walkthroughs' names."""

# In the order in which one learns; TOPICS in scripts/walk.sh has the same.
TOPICS = ("basics", "ranges", "leases", "values", "history", "txn")
