"""Interfaces for other programs: each calls the facade."""
