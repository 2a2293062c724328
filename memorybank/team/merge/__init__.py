"""Three-way merge of memory files by their structure. Pure: bytes in, bytes and conflicts out."""

from memorybank.team.merge.entry import merge_files
from memorybank.team.merge.sides import Conflict, Labels, Merged

__all__ = ["Conflict", "Labels", "Merged", "merge_files"]
