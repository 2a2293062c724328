"""Set-up and upkeep: making a bank, checking it, approvals, known banks, and other tools' files."""
