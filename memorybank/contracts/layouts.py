"""The known layouts of banks, as data: where they are in a project and which rules they follow."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """One kind of bank: its folder in the project, files that identify it (any one), whether our contracts apply."""

    name: str
    folder: str
    markers: tuple[str, ...]
    contracted: bool


CLINE_FILES = (
    "projectbrief.md",
    "productContext.md",
    "activeContext.md",
    "systemPatterns.md",
    "techContext.md",
    "progress.md",
)
HOME = Layout("memorybank", ".memorybank", (), contracted=True)

# in search order; in each folder the first layout found is used, in place
LAYOUTS = (
    HOME,
    Layout("cc10x", ".cc10x", ("activeContext.md",), contracted=True),
    Layout("cc10x-v10", ".claude/cc10x/v10", ("activeContext.md",), contracted=True),
    Layout("cc10x-v9", ".claude/cc10x", ("activeContext.md",), contracted=True),
    Layout("cline", "memory-bank", CLINE_FILES, contracted=False),
)

# folders that belong to the bank itself; any other folder in the bank or next to it belongs to the user
BANK_FOLDERS = frozenset(
    (
        "archive",
        "artifacts",
        "checkpoints",
        "groups",
        "memories",
        "memory-tool",
        "pafs",
        "sessions",
        "templates",
        "workflows",
    )
)
# files beside the memory files
LOG, FACTS, SUMMARY = "development_log.md", "pafs.md", "summary.json"
CONTRACT_FILES = ("activeContext.md", "patterns.md", "progress.md")
# more files that some tools keep in banks of that layout
CLINE_OTHERS = ("decisionLog.md",)
CLINE_NOTES = {
    # where a kind of note goes in a bank whose sections we do not own: (file, section names in order of preference)
    "learning": (
        "activeContext.md",
        (
            "Learnings and Project Insights",
            "Learnings",
            "Lessons Learned",
            "Insights",
            "Important Patterns and Preferences",
        ),
    ),
    "change": ("activeContext.md", ("Recent Changes", "Recent Work", "Changes")),
    "decision": (
        "activeContext.md",
        (
            "Active Decisions and Considerations",
            "Active Decisions",
            "Decisions",
            "Key Decisions",
            "Open Decisions",
        ),
    ),
    "next": ("activeContext.md", ("Next Steps", "Next", "Upcoming")),
    "focus": ("activeContext.md", ("Current Work Focus", "Current Focus", "Current Work", "Focus", "Current Task")),
    "reference": ("activeContext.md", ("References", "Plan References", "Related Documents", "Links")),
    "blocker": ("progress.md", ("Known Issues", "Blockers", "Open Issues", "Current Issues", "Issues")),
    "pattern": (
        "systemPatterns.md",
        (
            "Design Patterns",
            "Design Patterns in Use",
            "Key Technical Decisions",
            "Patterns",
            "Architectural Patterns",
            "Architecture Patterns",
            "Coding Patterns",
        ),
    ),
    "gotcha": ("systemPatterns.md", ("Common Gotchas", "Gotchas", "Pitfalls", "Known Pitfalls")),
    "structure": (
        "systemPatterns.md",
        ("System Architecture", "Architecture", "File Structure", "Project Structure", "Directory Structure"),
    ),
    "api": ("systemPatterns.md", ("API Patterns", "API Design")),
    "error": ("systemPatterns.md", ("Error Handling", "Error Handling Patterns")),
    "convention": (
        "systemPatterns.md",
        ("Code Conventions", "Conventions", "Coding Standards", "Code Style", "Coding Patterns"),
    ),
    "standard": ("activeContext.md", ("Important Patterns and Preferences", "User Standards")),
    "skill": ("activeContext.md", ("Important Patterns and Preferences", "Project SKILL_HINTS")),
    "testing": ("techContext.md", ("Testing", "Testing Patterns", "Testing Strategy", "Testing Approach")),
    "dependency": ("techContext.md", ("Dependencies", "Key Dependencies", "Notable Dependencies")),
    "verification": ("progress.md", ("Verification", "Current Status")),
    "done": ("progress.md", ("What Works", "Completed", "Completed Features", "Completed Tasks", "Done")),
    "task": (
        "progress.md",
        (
            "What's Left to Build",
            "What's Left",
            "Tasks",
            "Current Tasks",
            "Open Tasks",
            "Remaining Tasks",
            "Remaining Work",
            "TODO",
            "To Do",
            "Backlog",
            "In Progress",
        ),
    ),
}
# the sections of a new bank of that layout, file by file
CLINE_SECTIONS = {
    "projectbrief.md": ("Goals", "Scope"),
    "productContext.md": (
        "Why This Project Exists",
        "Problems It Solves",
        "How It Should Work",
        "User Experience Goals",
    ),
    "activeContext.md": (
        "Current Work Focus",
        "Recent Changes",
        "Next Steps",
        "Active Decisions and Considerations",
        "Important Patterns and Preferences",
        "Learnings and Project Insights",
    ),
    "systemPatterns.md": (
        "System Architecture",
        "Key Technical Decisions",
        "Design Patterns",
        "Component Relationships",
        "Critical Implementation Paths",
    ),
    "techContext.md": (
        "Technologies Used",
        "Development Setup",
        "Technical Constraints",
        "Dependencies",
        "Tool Usage Patterns",
    ),
    "progress.md": (
        "What Works",
        "What's Left to Build",
        "Current Status",
        "Known Issues",
        "Evolution of Project Decisions",
    ),
}
# where some tools keep a kind of note instead; used if such a section exists
CLINE_ELSEWHERE = {
    "decision": (("decisionLog.md", ("Decisions", "Decision", "Decision Log")),),
    "next": (("progress.md", ("Next Steps",)),),
    "blocker": (("activeContext.md", ("Known Issues", "Blockers", "Open Questions/Issues", "Open Issues")),),
    "testing": (("systemPatterns.md", ("Testing Patterns", "Testing")),),
}
