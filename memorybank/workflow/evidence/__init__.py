"""Proof by running commands: what they cover, and whether the proof is still valid."""
