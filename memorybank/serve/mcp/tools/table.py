"""The table of tools, from which `generate` makes `tools.json`: types and defaults are those of the facade's methods.

A tool has one operation, or several, which its argument `operation` chooses. An operation is the path of a method of
`Bank`, or of a function in `operations` with an @ in front. A parameter has another name for clients where
`NAME=PARAMETER` says so. `answers` are the commands whose `--json` the tool answers with; by default those of its
methods.
"""

from __future__ import annotations

from memorybank.serve.mcp.tools.table_more import MORE
from memorybank.serve.mcp.tools.tool import EXPECT, LIMIT, MEMORY, TAGS, Param, Tool, reading

_STAGES = ("understand", "decompose", "plan", "implement", "verify", "review")
_KINDS = (
    *("learning", "gotcha", "decision", "change", "next", "blocker", "pattern", "reference", "preference"),
    *("dependency", "convention", "testing", "error", "structure", "api", "standard", "skill"),
)
_TRIGGERS = (
    *("session-start", "continue", "architecture", "build", "debug", "plan", "review", "decision", "history"),
    *("repeat", "convention", "familiar-error"),
)

TOOLS: tuple[Tool, ...] = (
    Tool(
        "load",
        "Load the memory",
        "Read the project's memory. Call at the start of a task, and again before a decision or when debugging.",
        {"": "@load"},
        {
            "trigger": Param("What you are about to do; without it, everything.", _TRIGGERS),
            "stage": Param("Choose what a stage of the work needs.", _STAGES),
            "budget_tokens": Param("At most so many tokens."),
            "git": Param("Add branch, changed files and last commits."),
            "mark": Param("Remember that you read it, for bank_gate and bank_wrap_up.", default=True),
        },
        answers=("load",),
        # what was read is marked in local state, never in the bank's files
        **reading(core=True, always=True),
    ),
    Tool(
        "search",
        "Search the memory",
        "Find earlier decisions, lessons, patterns and sessions. Call before you decide or build something.",
        {"": "search"},
        {
            "query": Param("Words to look for."),
            "type": Param("Only records of these types, such as decision, error, procedural."),
            "tags": TAGS,
            "project": Param("Of this project, in all banks this machine knows."),
            "since": Param("Created since: a day, or 7d."),
            "scopes": Param("Where: contracts, records, docs, sessions, repo."),
            "limit": LIMIT,
        },
        **reading(core=True, always=True, long=True),
    ),
    Tool(
        "note",
        "Note a line",
        "Write one line at once when you learned, changed or decided something. Goes to the section of its kind.",
        {"": "note"},
        {
            "text": Param("One line: 'name: what - why'."),
            "kind": Param("Which kind of line.", _KINDS),
            "why": Param("The reason."),
            "file": Param("A place in the code, PATH:LINE."),
            "supersedes": Param("Ids or texts that a decision replaces."),
            "anyway": Param("Write it despite a contradiction."),
        },
        core=True,
    ),
    Tool(
        "show",
        "Show a section",
        "Read one section, file or item with its digest, which bank_edit takes.",
        {"": "show"},
        {"address": Param("FILE#Section, FILE, or a plain name such as 'decisions'.")},
        **reading(core=True),
    ),
    Tool(
        "edit",
        "Edit a section",
        "Change one section; never use a file tool on the bank. A stale edit answers the digest now and the diff.",
        {
            "append": "@append",
            "prepend": "@prepend",
            "replace": "@replace",
            "insert_after": "@insert_after",
            "rename": "@rename",
            "remove": "@remove",
            "replace_item": "items.replace",
            "remove_item": "items.remove",
            "tick": "items.tick",
            "untick": "items.untick",
            "move_item": "items.move",
        },
        {
            "address": Param("FILE#Section."),
            "text": Param("New text; for rename the new name."),
            "item": Param("An item's number, ^id or first line."),
            "to": Param("Section to move an item to."),
            "expect": Param("Digest from bank_show."),
        },
        answers=("edit",),
        loses=True,
        core=True,
    ),
    Tool(
        "task",
        "Tasks",
        "Keep the tasks of the current work: add, list, done, edit, reopen, remove.",
        {
            "list": "tasks.list",
            "add": "tasks.add",
            "done": "tasks.done",
            "edit": "tasks.edit",
            "reopen": "tasks.reopen",
            "remove": "tasks.remove",
        },
        {
            "task": Param("The task: its text, number or ^id."),
            "text": Param("Text of a new or changed task."),
            "evidence": Param("Command and how it ended; better: bank_prove."),
            "expect": EXPECT,
        },
        loses=True,
        core=True,
    ),
    Tool(
        "decide",
        "Record a decision",
        "Record a decision with its reason and alternatives. Refused if it contradicts an earlier one.",
        {"": "decide"},
        {
            "title": Param("What was decided."),
            "context": Param("What led to it."),
            "why": Param("The reason."),
            "alternatives": Param("'option: why not'."),
            "consequences": Param("'+ good' or '- bad'."),
            "tags": Param("Tags."),
            "supersedes": Param("Ids or texts it replaces."),
            "anyway": Param("Record it despite a contradiction."),
        },
        core=True,
    ),
    Tool(
        "save",
        "Save a memory",
        "Save a longer memory as a record of its own; for one line use bank_note.",
        {"": "save"},
        {
            "content": Param("Markdown."),
            "type": Param("fact, episodic, procedural, code, error, user, ... (default fact)."),
            "title": Param("Title."),
            "tags": Param("Tags."),
            "summary": Param("One sentence."),
            "metadata": Param("Values by name."),
            "fields": Param("Fields of the type."),
            "links": Param("Ids, or REL:ID."),
        },
        core=True,
    ),
    Tool(
        "recall",
        "Recall a memory",
        "Read a whole record that bank_search or bank_list found.",
        {"": "recall"},
        {"id=memory_id": MEMORY, "archived": Param("Look in the archive too.")},
        **reading(core=True),
    ),
    Tool(
        "prove",
        "Prove a task",
        "Run an approved command and record how it ended as evidence; completes the task with this text.",
        {"": "@prove"},
        {
            "subject": Param("The task, or the claim."),
            "command": Param("The words of the command."),
            "covers": Param("Globs of the files it is about."),
            "seconds": Param("Time limit."),
        },
        answers=("prove",),
        opens=True,
        long=True,
        core=True,
    ),
    Tool(
        "checkpoint",
        "Record a checkpoint",
        "Record where the work stands; call before the context is compacted.",
        {"": "checkpoint"},
        {
            "note": Param("What is done and what is next."),
            "phase": Param("Name of the phase."),
            "reason": Param("Why now.", ("precompact",)),
            "completed": Param("The phase is complete."),
        },
        core=True,
    ),
    Tool(
        "wrap_up",
        "Check the end of work",
        "Call before you say that you are done: names what is still to be written, and how.",
        {"": "@wrap_up"},
        {
            "end_session": Param("End the session first, with a summary."),
            "none": Param("Points with nothing to write: decisions, learnings, ..."),
        },
        answers=("wrap-up",),
        core=True,
    ),
    *MORE,
)
