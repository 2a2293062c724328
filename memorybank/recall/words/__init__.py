"""The words of texts and queries: as terms, folded, and corrected."""
