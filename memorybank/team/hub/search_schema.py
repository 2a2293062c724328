"""The search of the hub, as SQL: the words of each file, the function that finds them, and views that count.

`found` has a row for each file that is not deleted, kept by a trigger on `latest`. Rules for rows would keep the server
from using the index of the words: it may not evaluate `@@` for a row before it knows that the row may be seen. So
members have no right to this table; they call `search`, which looks into their namespaces only.
"""

from __future__ import annotations

# characters of a text that are searched: a tsvector has at most 1 MB
SEARCHED = 200_000

_MINE = "(SELECT m.namespace FROM memorybank.members AS m WHERE memorybank.is_mine(m.member))"

_VIEW = """
CREATE VIEW memorybank.{name} AS
    SELECT l.namespace, l.project, {value} AS {column}, count(*) AS files FROM memorybank.latest AS l
    WHERE l.op = 'put' AND l.namespace IN {mine} GROUP BY 1, 2, 3;
"""

# a view, its column, and what it counts by
COUNTS = (
    ("count_by_type", "type", "l.type"),
    ("count_by_tool", "tool", "l.tool"),
    ("count_by_project", "record_project", "coalesce(nullif(l.record_project, ''), l.project)"),
    ("count_by_month", "month", "coalesce(substring(l.created FROM '^[0-9]{4}-[0-9]{2}'), '')"),
)

SEARCH = f"""
CREATE TABLE memorybank.found (
    namespace text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    type text NOT NULL,
    status text NOT NULL,
    tags text[] NOT NULL,
    tool text NOT NULL,
    record_project text NOT NULL,
    created text COLLATE "C" NOT NULL,
    search tsvector NOT NULL,
    PRIMARY KEY (namespace, project, id)
);
CREATE INDEX found_search ON memorybank.found USING gin (search);

-- without the front matter; names such as `a.b`, `a_b` and `aB` are found by their parts, too
CREATE FUNCTION memorybank.words_of(title text, tags text[], id text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plain text := replace(left(body, {SEARCHED}), E'\\r', '');
    stop integer := CASE WHEN starts_with(plain, E'---\\n') THEN position(E'\\n---\\n' IN plain) ELSE 0 END;
    parts text;
BEGIN
    IF stop > 0 THEN
        plain := substr(plain, stop + 5);
    END IF;
    parts := (SELECT string_agg(
        regexp_replace(named[1], '([[:lower:][:digit:]])([[:upper:]])', '\\1 \\2', 'g'), ' '
    ) FROM regexp_matches(title || ' ' || plain, '\\w*[[:lower:][:digit:]][[:upper:]]\\w*', 'g') AS named);
    plain := regexp_replace(plain, '([[:alnum:]])[._/:-]+(?=[[:alnum:]])', '\\1 ', 'g');
    RETURN setweight(to_tsvector('english', title), 'A')
        || setweight(to_tsvector('english', array_to_string(tags, ' ')), 'B')
        || to_tsvector('english', plain)
        || setweight(to_tsvector('english', regexp_replace(id, '[._/:-]+', ' ', 'g')), 'D')
        || setweight(to_tsvector('english', coalesce(parts, '')), 'D');
END
$$;

CREATE FUNCTION memorybank.find_words() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM memorybank.found AS f
    WHERE f.namespace = NEW.namespace AND f.project = NEW.project AND f.id = NEW.id;
    IF NEW.op = 'put' THEN
        INSERT INTO memorybank.found VALUES (
            NEW.namespace, NEW.project, NEW.id, NEW.type, NEW.status, NEW.tags, NEW.tool,
            coalesce(nullif(NEW.record_project, ''), NEW.project), NEW.created,
            memorybank.words_of(NEW.title, NEW.tags, NEW.id, NEW.body)
        );
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER find_words AFTER INSERT OR UPDATE ON memorybank.latest
    FOR EACH ROW EXECUTE FUNCTION memorybank.find_words();

-- the best files for a query as in web searches, or for any of its words
CREATE FUNCTION memorybank.search(
    query text, any_word boolean, kinds text[], all_tags text[], any_tags text[], of_project text, of_tool text,
    of_status text, since text, until text, archived boolean, most integer
) RETURNS TABLE (namespace text, project text, id text, score real)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    mine text[] := ARRAY{_MINE};
    wanted tsquery;
BEGIN
    IF any_word THEN
        wanted := (
            SELECT string_agg('''' || replace(replace(word, '\\', '\\\\'), '''', '''''') || '''', ' | ')
            FROM unnest(tsvector_to_array(to_tsvector('english', query))) AS word
        )::tsquery;
    ELSE
        wanted := websearch_to_tsquery('english', query);
    END IF;
    IF numnode(wanted) > 0 THEN
        RETURN QUERY SELECT f.namespace, f.project, f.id, ts_rank(f.search, wanted, 33) AS score
        FROM memorybank.found AS f
        WHERE f.search @@ wanted AND f.namespace = ANY (mine)
            AND (cardinality(kinds) = 0 OR f.type = ANY (kinds))
            AND (cardinality(all_tags) = 0 OR f.tags @> all_tags)
            AND (cardinality(any_tags) = 0 OR f.tags && any_tags)
            AND (of_project = '' OR f.record_project = of_project)
            AND (of_tool = '' OR f.tool = of_tool)
            AND (of_status = '' OR lower(f.status) = lower(of_status))
            AND (since = '' OR f.created >= since)
            AND (until = '' OR (f.created <> '' AND left(f.created, length(until)) <= until))
            AND (archived OR f.id NOT LIKE 'archive/%')
        ORDER BY score DESC, f.created DESC, f.namespace, f.project, f.id LIMIT most;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION memorybank.search FROM PUBLIC;
{"".join(_VIEW.format(name=name, column=column, value=value, mine=_MINE) for name, column, value in COUNTS)}"""  # noqa: S608  no value of others

# what a member may do; {} is the role
SEARCH_RIGHTS = (
    "GRANT EXECUTE ON FUNCTION memorybank.search TO {}",
    f"GRANT SELECT ON {', '.join(f'memorybank.{name}' for name, _, _ in COUNTS)} TO {{}}",
)
