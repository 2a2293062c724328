"""Measures what corrections are worth: how much a context keeps, and how well they are found."""
