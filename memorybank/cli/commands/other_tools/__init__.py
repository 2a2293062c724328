"""Commands for other tools' files."""
