"""Recall: a search index that may be deleted at any time, search, and loading within a budget."""
