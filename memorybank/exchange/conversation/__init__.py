"""Conversations of other tools, read talk by talk: each becomes a session with its messages."""
