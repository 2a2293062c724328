"""Corrections: found in the session logs of agents' clients, proposed to the bank, and measured."""
