"""Files that grow line by line: the development log and the architectural facts."""
