"""The layouts of banks that are found in projects, as data: where they stand and which rules they follow."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """One kind of bank: its folder below the project, a file that marks it, whether our contracts apply."""

    name: str
    folder: str
    marker: str
    contracted: bool


HOME = Layout("memorybank", ".memorybank", "", contracted=True)

# in the order in which they are looked for in each folder; the first that is there is used, in place
LAYOUTS = (
    HOME,
    Layout("cc10x", ".cc10x", "activeContext.md", contracted=True),
    Layout("cc10x-v10", ".claude/cc10x/v10", "activeContext.md", contracted=True),
    Layout("cc10x-v9", ".claude/cc10x", "activeContext.md", contracted=True),
    Layout("cline", "memory-bank", "", contracted=False),
)

CLINE_FILES = (
    "projectbrief.md",
    "productContext.md",
    "activeContext.md",
    "systemPatterns.md",
    "techContext.md",
    "progress.md",
)
# folders that a bank keeps for its own; any other folder is the user's, in the bank or beside it
BANK_FOLDERS = frozenset(
    ("archive", "artifacts", "checkpoints", "groups", "memories", "pafs", "sessions", "templates", "workflows")
)
CONTRACT_FILES = ("activeContext.md", "patterns.md", "progress.md")
CLINE_NOTES = {
    # where a kind of note goes in a bank whose sections we do not own: (file, section names in order of preference)
    "learning": (
        "activeContext.md",
        ("Learnings and Project Insights", "Learnings", "Important Patterns and Preferences"),
    ),
    "change": ("activeContext.md", ("Recent Changes",)),
    "decision": (
        "activeContext.md",
        ("Active Decisions and Considerations", "Active Decisions", "Decisions", "Key Decisions"),
    ),
    "next": ("activeContext.md", ("Next Steps",)),
    "focus": ("activeContext.md", ("Current Work Focus", "Current Focus", "Current Work", "Focus")),
    "reference": ("activeContext.md", ("References", "Plan References", "Related Documents")),
    "blocker": ("progress.md", ("Known Issues", "Blockers")),
    "pattern": ("systemPatterns.md", ("Design Patterns", "Key Technical Decisions", "Patterns")),
    "gotcha": ("systemPatterns.md", ("Common Gotchas", "Gotchas")),
    "structure": ("systemPatterns.md", ("System Architecture", "Architecture", "File Structure")),
    "api": ("systemPatterns.md", ("API Patterns", "API Design")),
    "error": ("systemPatterns.md", ("Error Handling", "Error Handling Patterns")),
    "convention": ("systemPatterns.md", ("Code Conventions", "Conventions", "Coding Standards")),
    "standard": ("activeContext.md", ("Important Patterns and Preferences", "User Standards")),
    "skill": ("activeContext.md", ("Important Patterns and Preferences", "Project SKILL_HINTS")),
    "testing": ("techContext.md", ("Testing", "Testing Patterns", "Testing Strategy")),
    "dependency": ("techContext.md", ("Dependencies", "Key Dependencies")),
    "verification": ("progress.md", ("Verification", "Current Status")),
    "done": ("progress.md", ("What Works", "Completed", "Completed Features")),
    "task": ("progress.md", ("What's Left to Build", "Tasks", "In Progress")),
}
