"""Agents: what their programs need of a bank: the skill files, and the log of their calls."""
