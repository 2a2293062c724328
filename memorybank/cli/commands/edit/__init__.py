"""Commands that edit files and undo edits."""
