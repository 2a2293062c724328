"""Work in progress: notes, tasks, plans and research."""
