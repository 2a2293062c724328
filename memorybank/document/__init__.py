"""Bytes to sections and items and back, and the plans that change them."""
