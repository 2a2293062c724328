"""The plugin of Claude Code and its marketplace, built from the templates."""
