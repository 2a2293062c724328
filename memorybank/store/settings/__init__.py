"""Settings: the table of all of them, where each value comes from, and the edits of the files that hold them."""
