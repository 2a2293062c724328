"""Sessions: spans of work, their messages, their groups, and the current one."""
