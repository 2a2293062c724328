"""The plain files that the memory tool of an agent keeps in a bank: where they are, and how they change."""
