"""Ranks corrections by the words of a text, with BM25 as search does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from memorybank.recall.rank import Candidate, Collection, Group, Term, idf_of, rank
from memorybank.recall.words.terms import query_terms, spaced, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memorybank.records.corrections.correction import Correction


def by_words(query: str, pool: Sequence[Correction]) -> dict[str, float]:
    """Return the score of each correction for a query, 0 without a common word."""
    bodies = {each.id: terms_of(f"{each.premise.text} {each.premise.tool} {each.text}") for each in pool}
    counts = Counter(term for body in bodies.values() for term in {*body.words, *body.names})
    wanted = query_terms(query)
    order = list(dict.fromkeys(wanted.words))
    groups = []
    for exact, terms in ((False, order), (True, list(dict.fromkeys(wanted.names)))):
        for text in terms:
            if counts[text]:
                idf = idf_of(len(pool), counts[text])
                groups.append(Group((Term(text, idf, exact=exact),), idf))
    lengths = {ident: len(body.words) for ident, body in bodies.items()}
    mean = max(sum(lengths.values()) / max(len(pool), 1), 1.0)
    candidates = [
        # each in a file of its own: a neighbour in time is no neighbour in subject
        Candidate(
            at,
            at,
            0,
            lengths[each.id],
            "",
            spaced(bodies[each.id].words),
            spaced(bodies[each.id].names),
            "",
            lengths[each.id],
        )
        for at, each in enumerate(pool)
    ]
    found = rank(candidates, groups, order, Collection(len(pool), mean, mean)) if groups else []
    return {each.id: 0.0 for each in pool} | {pool[score.id].id: score.score for score in found}
