"""Search by meaning, with the extra `semantic`."""
