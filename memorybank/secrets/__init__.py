"""Secrets: the rules for what looks like one, and the scan that finds them in a text."""
