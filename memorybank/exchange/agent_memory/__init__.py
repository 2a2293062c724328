"""Import what other coding agents remember by themselves: Codex, the Gemini CLI and Copilot."""
