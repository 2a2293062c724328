"""The Python calls that the source documents show, run through `Bank` with the least possible change.

Each test has the calls of one chapter in their order, with texts of our own. What had to change is listed here:

ContextFS (`ctx = ContextFS()`):

- `ctx = Bank.open()`; where the class came from is the only change to `save`, `search`, `list_recent`, `update`,
  `start_session`, `add_message`, `end_session`, `list_sessions`, `load_session` and `import_conversation`.
- `ctx.save(save_session="current", label=…)` is `ctx.sessions.save(label=…)`: a session is no memory.
- `memory.created_at` is a `datetime` there; `memory.created` is a text. `ctx.list(until="90d")` lists what is older.

TTA.dev (`memory`, `groups`, `ctx` are one object here, nothing is awaited):

- A session is named by its label; the first message to it, or a group, starts it.
- `create_deep_memory(text=…)` is `save(…)`, `search_deep_memory(…)` is `search(…)`.
- `load_workflow_context(context=ctx, stage=…, mode=…)` is `load(stage=…, mode=…)`; what it holds is in its choices,
  each with its layer.
- `add_paf(fact_id=, description=, rationale=)` is `pafs.add(category, text, number=, why=, status="active")`;
  `get_active_pafs(category=…)` is `pafs.list(category=…, status="active")`.
- `get_cache_memory(session_id=…, time_window_hours=24)` is `list(session_id=…, since="24h")`.
- `update_group_status` is `groups.set_status`, `add_session_to_group` is `groups.add`, `get_group_summary` is
  `groups.summarize`, `get_grouped_context` is `groups.context`.
- `WorkflowMode.AUGSTER_RIGOROUS` is `WorkflowMode.RIGOROUS`; the old word is understood as a text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memorybank import Bank, GroupStatus, MemoryType, WorkflowMode
from memorybank.errors import FieldError, NoRecordError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.chdir(tmp_path)
    return Bank.init(tmp_path)


# ContextFS, "During Development", "Writing Effective Memories", "Searching"


def test_memories_are_saved_by_type_and_found_in_natural_words(ctx: Bank) -> None:
    ctx.save(
        "Sessions are kept in Redis and not in JWT cookies, which scales to several hosts",
        type=MemoryType.DECISION,
        tags=["sessions", "redis", "scaling"],
    )
    ctx.save(
        "CORS preflight failed until the header Access-Control-Max-Age was explicit",
        type=MemoryType.ERROR,
        tags=["cors", "api", "headers"],
        source_tool="claude-code",
    )
    ctx.save(
        """async def retry(call, most=3):
            for number in range(most):
                try:
                    return await call()
                except OSError:
                    await asyncio.sleep(2**number)
        """,
        type=MemoryType.CODE,
        tags=["async", "retry", "patterns"],
    )
    ctx.save("Fixed the bug")

    assert ctx.search("how do we handle sessions")[0].type == "decision"
    assert [hit.type for hit in ctx.search("scaling", type=MemoryType.DECISION)] == ["decision"]
    assert [hit.type for hit in ctx.search("cors", source_tool="claude-code")] == ["error"]
    assert ctx.search("cors", source_tool="cursor") == []
    assert len(ctx.search("", type=MemoryType.CODE, limit=20)) == 1


def test_a_project_over_several_repositories(ctx: Bank) -> None:
    ctx.save(
        "The API takes 1000 requests a minute for each user",
        type=MemoryType.FACT,
        project="api-platform",
        tags=["api", "rate-limiting"],
        metadata={"service": "gateway", "version": 2},
    )
    ctx.save("The app caches preferences for a day", type=MemoryType.DECISION, project="mobile-app")

    results = ctx.search("rate limiting", project="api-platform", limit=10)
    assert [hit.tags for hit in results] == [("api", "rate-limiting")]
    assert ctx.search("preferences caching", project="mobile-app")[0].type == "decision"
    assert len(ctx.search("requests", metadata_filter={"service": "gateway"})) == 1
    assert ctx.search("requests", metadata_filter={"service": "billing"}) == []


def test_a_decision_in_the_form_of_a_record(ctx: Bank) -> None:
    saved = ctx.save(
        """## ADR-007: The message queue

        **Decision:** SQS instead of RabbitMQ

        **Rationale:**
        - Nothing to run
        - Paid by use

        **Trade-offs:**
        - 256 KB a message
        """,
        type=MemoryType.DECISION,
        tags=["architecture", "adr", "messaging"],
    )
    assert "SQS instead of RabbitMQ" in ctx.recall(saved.record.id).content


def test_stale_memories_are_reviewed(ctx: Bank) -> None:
    ctx.save("The staging host is called heron", type=MemoryType.FACT, tags=["staging"])
    old_memories = ctx.list_recent(limit=100)
    for memory in old_memories:
        ctx.update(memory.id, tags=[*memory.tags, "deprecated"])
    assert ctx.list_recent(type=MemoryType.FACT, limit=20)[0].tags == ("staging", "deprecated")
    assert ctx.list(until="90d") == []
    ctx.delete(memory_id=old_memories[0].id)
    assert ctx.list_recent(limit=10) == []


# ContextFS, "Session Operations"


def test_sessions_are_started_logged_ended_and_loaded(ctx: Bank) -> None:
    ctx.start_session(tool="claude-code", label="auth-refactor")
    ctx.add_message("user", "Tokens or sessions?")
    ctx.add_message("assistant", "Tokens, because there are several hosts.")
    ctx.sessions.save(label="auth-day-2")
    ctx.end_session(generate_summary=True)

    sessions = ctx.list_sessions(limit=10, tool="claude-code", label="auth-day-2")
    session = ctx.load_session(session_id=sessions[0].id)
    assert [message.role for message in session.messages] == ["user", "assistant"]


def test_a_conversation_is_imported(ctx: Bank) -> None:
    exported_json = json.dumps([{"role": "user", "content": "How?"}, {"role": "assistant", "content": "By OAuth."}])
    ctx.import_conversation(
        json_content=exported_json, summary="How people sign in", tags=["oauth", "design", "imported"]
    )
    session = ctx.list_sessions(limit=1)[0]
    assert session.summary == "How people sign in"
    assert session.tags == ("oauth", "design", "imported")


# TTA.dev, "Quick Start"


def test_what_a_stage_needs_is_loaded(ctx: Bank) -> None:
    ctx.start_session(label="auth-session-001")
    ctx.add_message("user", "Tokens with refresh", session_id="auth-session-001")
    loaded = ctx.load(stage="plan", mode=WorkflowMode.STANDARD)
    assert "Tokens with refresh" in loaded.text
    assert any(choice.layer == "session" for choice in loaded.included)


# TTA.dev, "Feature Development Across Sessions"


def test_a_feature_over_several_days(ctx: Bank) -> None:
    group_id = ctx.groups.create(
        name="Authentication",
        description="Tokens with refresh",
        tags=["auth", "security", "jwt"],
        status=GroupStatus.ACTIVE,
    ).record.id
    ctx.start_session(label="auth-research")
    ctx.groups.add(group_id, "auth-research")
    ctx.add_message("user", "Which library for tokens?")
    ctx.save(
        "PyJWT is lighter, python-jose does more",
        tags=["research", "jwt", "libraries"],
        metadata={"category": "technical-decision"},
    )
    ctx.pafs.add("AUTH", "Tokens are made by PyJWT", number="001", why="Light and maintained", status="active")
    ctx.end_session()

    ctx.start_session(label="auth-implementation")
    ctx.groups.add(group_id, "auth-implementation")
    loaded = ctx.load(stage="implement", mode="augster-rigorous", query="jwt", group=group_id)
    assert "Which library for tokens?" in loaded.text
    assert "PyJWT is lighter" in loaded.text
    assert "Tokens are made by PyJWT" in loaded.text

    ctx.groups.set_status(group_id, GroupStatus.CLOSED)
    summary = ctx.groups.summarize(group_id)
    assert len(summary.sessions) == 2


# TTA.dev, "Quick Bug Fix", "Code Review"


def test_a_bug_is_looked_into(ctx: Bank) -> None:
    ctx.start_session(label="token-error")
    ctx.add_message("user", "Tokens are refused now and then")
    ctx.load(stage="understand", mode=WorkflowMode.RAPID)
    ctx.save("Clocks differ by up to a minute: allow 60 s", tags=["bug-fix", "jwt", "error"])
    assert [memory.title for memory in ctx.list(since="24h")] == [memory.title for memory in ctx.list()]
    patterns = ctx.search("JWT token errors", limit=5, tags=["jwt", "error"])
    assert len(patterns) == 1


def test_a_feature_is_reviewed(ctx: Bank) -> None:
    ctx.start_session(label="sign-in")
    ctx.add_message("user", "Sign in by mail")
    ctx.groups.create("Sign in", tags=["auth"], sessions=["sign-in"])
    ctx.pafs.add("AUTH", "Tokens are signed", status="active")
    for group in ctx.groups.list(tags=["auth"]):
        context = ctx.groups.context(group.id, max_messages_per_session=20)
        assert len(context.sessions) == 1
        assert [paf.text for paf in ctx.pafs.list(category="AUTH", status="active")] == ["Tokens are signed"]


# TTA.dev, "Testing Memory Integration"


def test_the_messages_of_a_session_come_in_their_order_and_whole(ctx: Bank) -> None:
    texts = [
        f"Message {number}: " + "tokens rotate on each use, and the old one is revoked at once " * 3
        for number in range(5)
    ]
    for text in texts:
        ctx.add_message("user", text, session_id="auth-session-001")
    loaded = ctx.load(stage="understand", mode=WorkflowMode.RAPID, session_id="auth-session-001")
    session_context = loaded.of("session")
    assert len(session_context) == 5
    assert all(text.strip() in choice.content for text, choice in zip(texts, session_context, strict=True))
    assert len(ctx.load(stage="implement", session_id="auth-session-001").of("cache")) >= 5


def test_a_group_is_planned_before_its_sessions_start(ctx: Bank) -> None:
    group = ctx.groups.create("Sprint 12", tags=["sprint12", "auth"], sessions=["story-120"]).record.id
    ctx.groups.add(group, ["story-121", "story-122"])
    ctx.groups.add(group, "story-121")
    ctx.add_message("user", "Sign in by mail", session_id="story-121")
    summary = ctx.groups.summarize(group)
    assert {each.session.fields["label"] for each in summary.sessions} == {"story-120", "story-121", "story-122"}
    assert len(ctx.groups.context(group).sessions) == 3
    with pytest.raises(NoRecordError):
        ctx.groups.add(group, "ses-20200101-zzzzz")
    assert len(ctx.list_sessions()) == 3


def test_deep_memories_of_a_group_are_those_with_its_tags(ctx: Bank) -> None:
    tagged = ctx.save("Clocks differ by a minute", tags=["jwt"]).record.id
    for number in range(12):
        ctx.save(f"Note {number} on the build", tags=["build"])
    group = ctx.groups.create("Authentication", tags=["auth", "jwt"], sessions=["day-1"]).record.id
    by_group = ctx.load(stage="understand", group=group).of("deep")
    assert any(tagged in choice.fetch for choice in by_group)
    by_session = ctx.load(stage="understand", session_id="day-1").of("deep")
    assert any(tagged in choice.fetch for choice in by_session)
    assert {choice.fetch for choice in by_group if choice.terms.get("tags")} == {f"bank recall {tagged}"}
    assert not any(choice.terms.get("tags") for choice in ctx.load(stage="understand").of("deep"))


def test_a_group_is_made_in_the_status_that_is_named(ctx: Bank) -> None:
    assert ctx.groups.create("Old", status=GroupStatus.ARCHIVED).record.status == "archived"
    assert ctx.groups.create("New").record.status == "active"
    with pytest.raises(FieldError):
        ctx.groups.create("Other", status="sleeping")


def test_the_modes_load_more_and_more(ctx: Bank) -> None:
    for number in range(30):
        ctx.save(f"Pattern {number}: a factory makes the object", tags=["pattern"])

    def deep(mode: WorkflowMode) -> int:
        loaded = ctx.load(stage="understand", mode=mode, query="factory")
        return len(loaded.of("deep"))

    assert [deep(mode) for mode in (WorkflowMode.RAPID, WorkflowMode.STANDARD, WorkflowMode.RIGOROUS)] == [0, 5, 20]
    assert len(ctx.search("", type=MemoryType.FACT, limit=100)) == 30
