"""What git knows about a project."""
