"""What each memory file must hold, and how it may change."""
