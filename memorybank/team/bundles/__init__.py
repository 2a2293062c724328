"""Bundles: one file with texts, their digests and versions, for machines without git or a database."""
