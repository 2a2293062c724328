"""Import the SQLite file of ContextFS: memories, sessions with their messages, and relations."""
