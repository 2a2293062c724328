"""Parse the block structure of Markdown: where headings, items and blocks begin and end."""
