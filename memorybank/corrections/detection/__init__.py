"""Finds corrections among events."""
