"""The progress of the work: tasks, checkpoints, the summary, documents and attachments."""
