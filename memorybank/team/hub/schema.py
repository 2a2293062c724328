"""The tables of the hub, as SQL: the log of operations, the latest state of each file, and who is a member.

`operations` only grows. The server itself sets what a client could get wrong or forge: the sequence, the revision, the
time and the login. A trigger takes one lock for each namespace until the transaction has ended, so the order of the
sequence is the order of the commits, and a reader that has seen a number has seen all lower ones. It refuses an
operation whose parent is not the digest of the latest state, so the operations of a file are one chain.
`latest` is written by the trigger alone. It answers pulls and lists; deleted files stay in it as tombstones.
"""

from __future__ import annotations

from memorybank.team.hub.search_schema import SEARCH, SEARCH_RIGHTS

VERSION = 1
# the longest body, as in `team/syncable.py`
BODY_BYTES = 8 * 1024 * 1024
# what the server says when the parent is not the latest state
SUPERSEDED = "MB001"
MEMBER_ROLE = "memorybank_member"
OLDEST_SERVER = 130000
# everything before it was rolled back or is visible, because each holds it until it ended
NAMESPACE_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('memorybank:' || %s, 0))"
# the columns that a client writes
GIVEN = (
    *("namespace", "project", "id", "parent", "digest", "op", "body", "actor"),
    *("type", "title", "status", "tags", "tool", "record_project", "created"),
)

_FIRST = """
CREATE SCHEMA IF NOT EXISTS memorybank;

CREATE TABLE memorybank.hub (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    version integer NOT NULL,
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);

CREATE TABLE memorybank.members (
    namespace text COLLATE "C" NOT NULL CHECK (namespace <> '' AND octet_length(namespace) <= 200),
    member name NOT NULL,
    PRIMARY KEY (namespace, member)
);

-- whether the session is that role, or belongs to it; inside a trigger the current user is the owner, who alone may
-- make tables here. One expression, so that the server puts it into the rules instead of calling it for each row
CREATE FUNCTION memorybank.is_mine(role name) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        pg_catalog.pg_has_role(session_user, pg_catalog.to_regrole(pg_catalog.quote_ident(role))::oid, 'MEMBER')
        AND (
            pg_catalog.pg_has_role(current_user, pg_catalog.to_regrole(pg_catalog.quote_ident(role))::oid, 'USAGE')
            OR pg_catalog.has_schema_privilege(current_user, 'memorybank', 'CREATE')
        ),
        false
    )
$$;

CREATE SEQUENCE memorybank.operations_sequence AS bigint;

CREATE TABLE memorybank.operations (
    sequence bigint PRIMARY KEY,
    namespace text COLLATE "C" NOT NULL CHECK (octet_length(namespace) <= 200),
    project text COLLATE "C" NOT NULL CHECK (octet_length(project) <= 200),
    id text COLLATE "C" NOT NULL CHECK (id <> '' AND octet_length(id) <= 400),
    revision bigint NOT NULL,
    parent text NOT NULL,
    digest text NOT NULL CHECK (digest = coalesce(encode(sha256(convert_to(body, 'UTF8')), 'hex'), '')),
    op text NOT NULL CHECK (op IN ('put', 'tombstone') AND (op = 'put') = (body IS NOT NULL)),
    body text CHECK (octet_length(body) <= 8388608),
    actor text NOT NULL DEFAULT '' CHECK (octet_length(actor) <= 400),
    login name NOT NULL,
    at timestamptz NOT NULL,
    type text NOT NULL DEFAULT '' CHECK (octet_length(type) <= 200),
    title text NOT NULL DEFAULT '' CHECK (octet_length(title) <= 2000),
    status text NOT NULL DEFAULT '' CHECK (octet_length(status) <= 200),
    tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 200),
    tool text NOT NULL DEFAULT '' CHECK (octet_length(tool) <= 200),
    record_project text NOT NULL DEFAULT '' CHECK (octet_length(record_project) <= 200),
    created text NOT NULL DEFAULT '' CHECK (octet_length(created) <= 40),
    UNIQUE (namespace, project, id, revision)
);

CREATE TABLE memorybank.latest (
    namespace text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    revision bigint NOT NULL,
    digest text NOT NULL,
    op text NOT NULL,
    body text,
    actor text NOT NULL,
    login name NOT NULL,
    at timestamptz NOT NULL,
    type text NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    tags text[] NOT NULL,
    tool text NOT NULL,
    record_project text NOT NULL,
    created text NOT NULL,
    PRIMARY KEY (namespace, project, id)
);
-- for pulls alone, hence the condition: a plan made while the table was empty would find single files by it, slowly
CREATE INDEX latest_sequence ON memorybank.latest (namespace, project, sequence) WHERE sequence > 0;

-- a session keeps its plans: one made while a table was small would read all of it for each row later
CREATE FUNCTION memorybank.add_operation() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    head memorybank.latest%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('memorybank:' || NEW.namespace, 0));
    SELECT * INTO head FROM memorybank.latest AS l
    WHERE l.namespace = NEW.namespace AND l.project = NEW.project AND l.id = NEW.id FOR UPDATE;
    IF coalesce(head.digest, '') = NEW.digest THEN
        RETURN NULL;  -- it was pushed before, or nothing is there to delete
    END IF;
    IF coalesce(head.digest, '') <> NEW.parent THEN
        RAISE EXCEPTION 'superseded: % was changed meanwhile', NEW.id USING ERRCODE = 'MB001';
    END IF;
    NEW.sequence := nextval('memorybank.operations_sequence');
    NEW.revision := coalesce(head.revision, 0) + 1;
    NEW.login := session_user;
    NEW.at := clock_timestamp();
    INSERT INTO memorybank.latest AS l (
        namespace, project, id, sequence, revision, digest, op, body, actor, login, at,
        type, title, status, tags, tool, record_project, created
    ) VALUES (
        NEW.namespace, NEW.project, NEW.id, NEW.sequence, NEW.revision, NEW.digest, NEW.op, NEW.body, NEW.actor,
        NEW.login, NEW.at, NEW.type, NEW.title, NEW.status, NEW.tags, NEW.tool, NEW.record_project, NEW.created
    )
    ON CONFLICT (namespace, project, id) DO UPDATE SET
        sequence = EXCLUDED.sequence, revision = EXCLUDED.revision, digest = EXCLUDED.digest, op = EXCLUDED.op,
        body = EXCLUDED.body, actor = EXCLUDED.actor, login = EXCLUDED.login, at = EXCLUDED.at, type = EXCLUDED.type,
        title = EXCLUDED.title, status = EXCLUDED.status, tags = EXCLUDED.tags, tool = EXCLUDED.tool,
        record_project = EXCLUDED.record_project, created = EXCLUDED.created;
    RETURN NEW;
END
$$;
CREATE TRIGGER add_operation BEFORE INSERT ON memorybank.operations
    FOR EACH ROW EXECUTE FUNCTION memorybank.add_operation();

-- members see and extend their namespaces only; the owner of the tables is no exception
ALTER TABLE memorybank.members ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON memorybank.members FOR SELECT USING (memorybank.is_mine(member));
ALTER TABLE memorybank.operations ENABLE ROW LEVEL SECURITY;
ALTER TABLE memorybank.operations FORCE ROW LEVEL SECURITY;
CREATE POLICY members_read ON memorybank.operations FOR SELECT USING (
    namespace IN (SELECT m.namespace FROM memorybank.members AS m WHERE memorybank.is_mine(m.member))
);
CREATE POLICY members_add ON memorybank.operations FOR INSERT WITH CHECK (
    namespace IN (SELECT m.namespace FROM memorybank.members AS m WHERE memorybank.is_mine(m.member))
);
ALTER TABLE memorybank.latest ENABLE ROW LEVEL SECURITY;
ALTER TABLE memorybank.latest FORCE ROW LEVEL SECURITY;
-- no member has the right to write it: only the trigger does
CREATE POLICY members_read ON memorybank.latest USING (
    namespace IN (SELECT m.namespace FROM memorybank.members AS m WHERE memorybank.is_mine(m.member))
);

INSERT INTO memorybank.hub (version) VALUES (0);
"""

# a version and the statements that lead to it; a new one is added at the end, those that were released never change
MIGRATIONS: tuple[tuple[int, str], ...] = ((1, _FIRST + SEARCH),)

# what a member may do; {} is the role
RIGHTS = (
    "GRANT USAGE ON SCHEMA memorybank TO {}",
    "GRANT SELECT ON memorybank.hub, memorybank.members, memorybank.operations, memorybank.latest TO {}",
    f"GRANT INSERT ({', '.join(GIVEN)}) ON memorybank.operations TO {{}}",
    *SEARCH_RIGHTS,
)
