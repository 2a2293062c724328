"""Runners of languages that are compiled to machine code, and of the tools that build them."""
