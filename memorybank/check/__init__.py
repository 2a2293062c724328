"""Lint: rules, findings and fixes."""
