"""Parse Markdown files into sections and items, apply edits, and turn the result back into bytes."""
