"""Files kept line by line: the development log and the architectural facts."""
