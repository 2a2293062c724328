"""Corrections: what users had to put right, from session logs to records of the bank."""
