"""Whether a text decides something, and whether it says plainly what it replaces.

A question, a proposal or a negated change decides nothing. Only a plain text supersedes by its words alone: one of a
few usual sentences, with whole names and without a condition, a limit or anything else beside them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from memorybank.ids import RANDOM_ID
from memorybank.patterns import later
from memorybank.workflow.lines.similarity import plain_of, unmarked

# first words of what is only looked at, proposed or tried
_TENTATIVE_START = later(
    r"(?:(?:we|i|let's|let us|please|now|then|they|also|to|should|could|can|will|have|had|are|were|'re|and|so)\s+)*"
    r"(?:consider|investigat|explor|prototyp|evaluat|try|tries|tried|trial|maybe|might|perhaps|possibly|potentially"
    r"|propos|suggest|discuss|research|assess|experiment|spike|compar|benchmark|ask|imagin|suppos|assum|think|thought"
    r"|look(?:ing|ed)?\s+(?:at|into)|would|could|may\b|wonder|debat|estimat|hypothe|test(?:ing|ed)?\s+whether"
    r"|check(?:ing|ed)?\s+(?:if|whether)|whether|what if|why|how|sh(?:ould|all) (?:we|i|it)|can (?:we|i)|do we"
    r"|does|is it|are we|find out|decide (?:if|whether|on)|idea|proposal|question|option|alternative|hypothesis|todo"
    r"|tbd|rejected|declined|someday|draft|wish|hop(?:e|ing)\b|(?:no(?:body| one)|none|neither|nothing)\b)",
    re.IGNORECASE,
)
_TENTATIVE = later(
    r"\?|\b(?:might|maybe|perhaps|possibly|not (?:yet|now|sure|decided|worth)|undecided|no(?:body| one)|tbd"
    r"|to be decided|would be|could be|(?:we|they|it|i) (?:could|would|may)|considered and)\b",
    re.IGNORECASE,
)
# a change that is not made: "do not replace Postgres", "never MySQL instead of Postgres"
_UNCHANGED = later(
    r"(?:\b(?:not|never|no (?:need|plans?|reason) to|no plans? (?:of|for)|against|avoid|refus\w+(?: to)?|without|stop"
    r"|cannot|no)|n't)\s+(?:to\s+)?(?:(?:be|been|yet|just|simply|ever)\s+)*(?:(?:replac|swap|switch|mov|migrat|drop|remov|retir|abandon"
    r"|deprecat|get(?:ting)? rid|ditch|convert|chang|upgrad|rewrit|leav|phas(?:e|ing) out|exchang|stop)\w*"
    r"|\S+(?:\s\S+){0,3}?\s+(?:instead of|in place of|rather than|in lieu of|over))\b",
    re.IGNORECASE,
)
_CITED = later(rf"\s*\({RANDOM_ID}[^)]*\)\s*\Z")
_WHY = later(
    r"\s(?:[-\u2013\u2014]\s|because\b|so that\b|due to\b|in order to\b).*|[.!]\s*\Z", re.IGNORECASE | re.DOTALL
)
# a condition or limit, also where it stands in the reason: "MySQL instead of Postgres - only in tests"
_LIMIT = later(
    r"\b(?:if|unless|until|till|when|whenever|while|once|only|except|temporar\w+|partly|partially|gradually|eventually"
    r"|for now|someday|later|in case|assuming|provided|as long as|yet|where|optional(?:ly)?|pending)\b"
    r"|\s[-\u2013\u2014]\s(?:for|in|on|as|at|during)\b",
    re.IGNORECASE,
)
# a name is at most three words, all written in the same case: "event sourcing", "GitHub Actions", "Postgres 16"
_WORD = r"[^\W_][\w.+#/@-]*"
_NAME = rf"(?:(?:the|a|an|our|all)\s+)?{_WORD}(?:\s+{_WORD}){{0,2}}"
_ONE = rf"(?:(?:the|a|an|our)\s+)?{_WORD}(?:\s+v?\d[\d.]*(?:\.x)?)?"
_ABOUT = rf"(?:(?:the|a|an|our|all)\s+)?{_WORD}(?:\s+{_WORD}){{0,3}}?"
_FOR = rf"(?:\s+(?:for|as|in|on|between|within)\s+(?P<scope>{_ABOUT}))?"
_END = r"(?:\s+(?:any ?more|any longer|at all|altogether|entirely|completely|everywhere|for good|from the stack))?"
_LEAD = r"(?:(?:we|we'll|we've|i|let's|let us|please|now|must|will|have|has|decided|agreed|finally|always|to)\s+)*"
_USE = (
    r"(?:use|uses|used|adopt|adopted|choose|chose|pick|picked|prefer|select|go with|settle on|standardi[sz]e on|write"
    r"|deploy (?:on|with|to)|host on|run on|build with|publish to|store in|keep|fetch with|test with|format with)"
)
_MOVE = (
    r"(?:switch|switched|move|moved|migrate|migrated|change|changed|convert|converted|transition|port|ported|upgrade"
    r"|upgraded|update|bump|downgrade|rewrite|go)"
)
_DROP = (
    r"(?:drop|dropped|remove|removed|retire|retired|abandon|abandoned|ditch|ditched|deprecate|deprecated|get rid of"
    r"|phase out|sunset|scrap|eliminate|give up on|give up|discontinue|uninstall|decommission|cancel|stop using"
    r"|stopped using|no longer use|no longer using|do not use|don't use|never use|no more|quit)"
)
_INSTEAD = r"(?:instead of|in place of|rather than|in lieu of|in preference to|over|,?\s*not)"
_BY = r"(?:by|with|for)"
_SHAPES = (
    (
        rf"(?:{_USE}\s+(?P<new>{_NAME}?)|(?P<one>{_ONE})){_FOR}\s*\b{_INSTEAD}\s+(?P<old>{_NAME}?)"
        rf"{_FOR.replace('scope', 'more')}"
    ),
    rf"instead of\s+(?P<old>{_NAME}?),\s+{_USE}\s+(?P<new>{_NAME}?)",
    rf"{_MOVE}(?:\s+(?P<what>{_NAME}?))?\s+from\s+(?P<old>{_NAME}?)\s+(?:back\s+|over\s+)?to\s+(?P<new>{_NAME}?){_FOR}",
    rf"{_MOVE}(?:\s+(?P<what>{_NAME}?))?\s+to\s+(?P<new>{_NAME}?)\s+(?:away\s+)?from\s+(?P<old>{_NAME}?){_FOR}",
    (
        rf"{_MOVE}(?:\s+(?P<what>{_NAME}?))?\s+(?:off|off of|away from)\s+(?P<old>{_NAME}?)"
        rf"(?:\s+(?:on)?to\s+(?P<new>{_NAME}?))?{_FOR}"
    ),
    rf"(?:replace|replaced|swap|swapped|exchange)(?:\s+out)?\s+(?P<old>{_NAME}?)\s+{_BY}\s+(?P<new>{_NAME}?){_FOR}",
    rf"{_DROP}\s+(?P<old>{_NAME}?){_FOR}{_END}",
    rf"{_DROP}\s+(?P<old>{_NAME}?){_END}(?:,|;|\s+and)\s+(?:instead\s+)?{_USE}\s+(?P<new>{_NAME}?)",
    rf"{_DROP}\s+(?P<old>{_NAME}?)\s+(?:in favou?r of)\s+(?P<new>{_NAME}?){_FOR}",
    rf"(?P<one>{_ONE})\s+(?:replaces|supersedes)\s+(?P<old>{_NAME}?){_FOR}",
    rf"(?P<one>{_ONE})\s+is\s+(?:now\s+)?(?:replaced|superseded)\s+{_BY}\s+(?P<new>{_NAME}?){_FOR}",
    rf"(?P<one>{_ONE})\s+is\s+(?:now\s+)?(?:no longer used|retired|dropped|removed|gone|deprecated|discontinued){_END}",
)
_COLON = later(r"(?P<subject>[^\W_][\w/-]*(?:\s+[\w/-]+){0,3}):\s+(?P<value>.+)")
# these are no part of a name
_NO_NAME_WORDS = """
a about after again ago all also always an and any are as at be before but by can cost costs could day days do during
each either else even ever every few first for from had has have how in into is it just last less like many may means
might month months more most much must need needs never next no nor not now of off often on or other our out over per
plugin plugins quarter rarely should so some sometimes soon still support take takes than that the them then there
this those through to today tomorrow too under use used using versus via vs want wants was we week weeks were what
which who why will with within without works would year years
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
# a longer text is an explanation
_LONGEST = 160


@lru_cache(maxsize=256)
def is_tentative(text: str) -> bool:
    """Check whether a text only asks, proposes, looks at something, or says what is not changed."""
    line = _statement(text)
    return bool(_TENTATIVE_START.match(line) or _TENTATIVE.search(line) or _UNCHANGED.search(line))


def is_limited(text: str) -> bool:
    """Check whether a text names a condition, a limit or a doubt, in its reason too."""
    said = plain_of(text)
    return bool(_LIMIT.search(said) or _TENTATIVE.search(said))


@lru_cache(maxsize=256)
def is_plain(text: str) -> bool:
    """Check whether a text says nothing but what it replaces, and what that is for."""
    line = _statement(text)
    if len(line) > _LONGEST or is_tentative(text) or is_limited(text):
        return False
    found = _COLON.fullmatch(line)
    if found:
        line = found["value"]
    line = re.sub(rf"\A{_LEAD}", "", line, flags=re.IGNORECASE)
    for shape in _SHAPES:
        match = re.fullmatch(shape, line, re.IGNORECASE)
        if match and all(_is_name(value, name) for name, value in match.groupdict().items() if value):
            return True
    return False


def _statement(text: str) -> str:
    """Return a line without its reason and the record it cites."""
    line = unmarked(text)
    return _WHY.sub("", f" {_CITED.sub('', line)}").strip()


def _is_name(text: str, part: str) -> bool:
    words = text.split()
    while words and words[0].casefold() in {"the", "a", "an", "our", "all"}:
        words = words[1:]
    if not words or any(word.casefold() in _NO_NAME for word in words):
        return False
    if part in {"scope", "more", "what"}:
        return True
    cases = {word[0].isupper() or any(map(str.isupper, word)) for word in words if not word.lstrip("v")[:1].isdigit()}
    return len(cases) <= 1
