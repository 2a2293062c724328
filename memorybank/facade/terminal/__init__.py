"""What the command line needs besides a bank: opening it, showing receipts, keeping refused text, checking words."""
