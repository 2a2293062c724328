"""The bank in git: the merge driver and its set-up, merges checked and settled, hooks."""
