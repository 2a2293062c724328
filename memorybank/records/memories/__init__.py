"""Memories: saved, changed, linked, tagged, archived, edited by a person."""
