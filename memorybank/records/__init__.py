"""Records: text too long for one line of a contract, each a Markdown file with front matter."""
