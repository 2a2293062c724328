"""How the work stands: tasks, checkpoints, the summary, documents and attachments."""
