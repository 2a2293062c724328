"""Recall: an index that may be deleted at any time, search over it, and what is loaded within a budget."""
