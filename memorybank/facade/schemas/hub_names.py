"""The names in the answers of `bank sync`."""

from __future__ import annotations

HUB: dict[str, str] = {
    "hub": "The hub: its host and database, without a password.",
    "namespace": "The namespace in the hub; its members see it.",
    "namespaces": "The namespaces that the login is a member of.",
    "pulled": "The files that others changed, and what became of them here.",
    "pushed": "The files that went to the hub, or in a dry run would go.",
    "refused": "The files that did not travel: of the hub, or of this bank.",
    "waiting": "The files that others kept changing; the next sync pushes them.",
    "compared_anew": "Whether the hub was restored from a copy or made anew, so that everything was compared again.",
    "conflict_count": "How many places of a file have two texts between markers since this sync.",
    "by": "The login that pushed it, as the server saw it.",
    "op": "What happens to the file in the hub: put, or tombstone for a deleted one.",
    "side": "Where the refused text is: hub, or here.",
    "sequence": "The number of an operation in the hub.",
    "enabled": "Whether commands sync by themselves.",
    "interval": "The seconds between two syncs.",
    "login": "The login at the server.",
    "problem": "What keeps the bank from the hub; empty if nothing does.",
    "to_pull_count": "How many files of the hub are not here yet; null without a connection.",
    "to_push_count": "How many files were changed here; null without a connection.",
    "owner": "The login that owns the tables.",
    "version_before": "The version of the tables before; 0 if there was no hub.",
    "member": "A role of the server that sees a namespace.",
    "members": "The roles that were made members, or are none any more.",
    "by_type": "The files in the hub by their type.",
    "by_tool": "The files in the hub by the tool that wrote them.",
    "by_project": "The files in the hub by their project: that of the record, else of its bank.",
    "by_month": "The files in the hub by the month of their creation.",
}
