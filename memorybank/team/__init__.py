"""Memory in several places: merges of copies, git, a hub, bundles."""
