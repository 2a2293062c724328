"""Installers: what each client needs of a bank, written into its own files, and taken out again."""
