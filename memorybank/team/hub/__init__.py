"""A Postgres database as a hub: every machine pushes its changes of files to it, and pulls those of the others."""
