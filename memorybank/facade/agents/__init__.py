"""What agents' programs need of a bank: its settings, the log of their calls, the shipped skills."""
