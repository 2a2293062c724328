"""Commands that edit files, and go back and forth through what was done."""
