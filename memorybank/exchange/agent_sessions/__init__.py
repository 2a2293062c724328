"""Session files of coding agents: what was said in them becomes sessions."""
