"""Runners of languages that run in an interpreter or a virtual machine."""
