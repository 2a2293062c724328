"""Records: what does not fit in one line of a contract, each a Markdown file with front matter."""
