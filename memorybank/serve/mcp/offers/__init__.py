"""What the server offers beside tools: resources, prompts, completions, skills, changes."""
