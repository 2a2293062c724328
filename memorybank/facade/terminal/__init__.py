"""What a face needs besides a bank: finding it, showing receipts, keeping refused texts, checking words."""
