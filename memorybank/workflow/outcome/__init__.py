"""What came of a session or a group of sessions."""
