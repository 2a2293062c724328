"""The names in answers about files from elsewhere: of bundles, and of other banks."""

from __future__ import annotations

ARRIVED: dict[str, str] = {
    "bundle": "The bundle.",
    "signature": "How it is signed.",
    "signer": "The name of who signed it, from the file of signers; empty if that was not checked.",
    "is_valid": "Whether a key that was named confirms it.",
    "deleted": "The files that are deleted on the side that it comes from.",
    "orphans": "The banks that were left behind.",
    "branch": "The branch that another bank is on; empty if that is not known.",
    "common_commit": "The commit that both banks come from; empty if it is not known.",
    "conflicts": "The places in the merged text where a choice is needed.",
}
