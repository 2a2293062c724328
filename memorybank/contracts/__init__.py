"""Contracts: which sections each memory file must have, and how they may change."""
