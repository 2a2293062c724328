"""Lint: rules, findings and mends."""
