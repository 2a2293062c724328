"""Sessions: periods of work, their messages, their groups, and the current session."""
