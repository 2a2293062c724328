"""The usual ways to write that something is chosen, dropped or replaced, as patterns over one clause.

The forms are texts, because compiling all of them takes longer than most commands; `re` keeps what it compiled.
"""

from __future__ import annotations

import re

from memorybank.patterns import later

# words before what is decided: `we should`, `let's`
LEAD = later(
    r"(?:(?:we|we're|i|let's|let us|please|now|always|must|should|will|can|have|has|had|decid(?:ed?|ing)|agreed?|want"
    r"|plan|going|need|to|are|finally|then|so)\s+)*",
    re.IGNORECASE,
)
_USE = (
    r"(?:us(?:e|es|ed|ing)|adopt(?:s|ed|ing)?|choos(?:e|ing)|chose|pick(?:ed)?|prefer(?:red)?|select(?:ed)?|keep|favou?r"
    r"|requir(?:e|es|ed|ing)|(?:stay|stick|start|continue) with|(?:go|going|went) (?:with|for|back to|to)"
    r"|settled? (?:on|for)|rely(?:ing)? on|depend(?:ing)? on|standardi[sz]ed? on|return to"
    r"|(?:switch|mov|migrat|upgrad|updat|bump|downgrad|chang|convert|transition|port)(?:e|ed|ing)? (?:back |over )?to"
    r"|(?:deploy|host|run|publish|log|render|test|format|lint|bundle|indent|store|ship|release|build|rewrite|write|draw"
    r"|validate|document|monitor|develop|compile)(?:ed|d|ing)? (?:on|with|in|to|at|via|using))"
)
_PUT = (
    r"(?:re)?(?:authenticate|build|bundle|cache|check|compile|deploy|develop|fetch|format|generate|handle|hash|host"
    r"|implement|keep|lint|log|manage|mock|parse|port|publish|put|queue|render|report|run|save|send|serve|sign|ship|store"
    r"|test|track|type|validate|write)"
)
_MOVE = (
    r"(?:switch|mov|migrat|chang|convert|transition|shift|port|upgrad|updat|bump|downgrad|rewrit|revert|get|go|com|step|roll)"
    r"(?:e|es|ed|ing|ting|te|d)?"
)
_CONVERT = r"(?:switch|migrat|convert|transition|port|upgrad|updat|bump|downgrad|chang)(?:e|ed|ing|d)?"
_REMOVE = (
    r"(?:drop(?:ped|ping)?|remov(?:e|ed|ing)|retir(?:e|ed|ing)|abandon(?:ed|ing)?|ditch(?:ed|ing)?|deprecat(?:e|ed|ing)"
    r"|(?:get|got|getting) rid of|phas(?:e|ed|ing) out|sunset|scrap(?:ped)?|kill|eliminat(?:e|ed|ing)"
    r"|(?:give|gave) up(?: on)?|discontinue|uninstall|dump|leav(?:e|ing)|left|cancel(?:led)?|delet(?:e|ed|ing)"
    r"|decommission|shut down|turn off|rip out|throw out|back out of|(?:move )?away from|do away with"
    r"|part with|quit|disable)"
)
_NOT = (
    r"(?:(?:(?:do|does|did|must|should|will|may|can) not|don't|doesn't|cannot|can't|won't|never|no longer|no more"
    r"|no|not|without|avoid(?:ing)?|stop(?:ped|ping)?|quit|ceased?|forbid|ban|(?:decided? )?against|ruled? out"
    r"|reject(?:ed)?)"
    r"(?:\s+to)?)"
)
_GONE = (
    r"(?:no longer (?:used|allowed|needed|supported|an option)|not (?:used|allowed)|never used|deprecated|retired"
    r"|dropped|removed|gone|out|banned|forbidden|abandoned|obsolete|discontinued|decommissioned|phased out|ruled out)"
)
_BE = r"(?:is|are|was|were|has been|have been|gets?|got|will be|should be|must be|must)"
_INSTEAD = (
    r"instead of|in place of|rather than|in lieu of|replaces|supersedes|replacing|superseding|displaces"
    r"|as (?:a |the )?replacement (?:for|of)|in preference to"
)

# a text without any of these drops nothing
CHANGES = later(
    r"\b(?:instead|place|rather|lieu|over|replac|supersed|displac|preference|longer|not|no|never|without|avoid|stop|quit|ceas"
    r"|forbid|ban|against|rul|reject|drop|remov|retir|abandon|ditch|deprecat|rid|phas|sunset|scrap|kill|eliminat|give|gave"
    r"|discontinu|uninstall|dump|leav|left|cancel|delet|decommission|shut|turn|rip|throw|back|away|part|disabl|gone|out"
    r"|obsolete|from|off|swap|exchang|trad|substitut|prefer|becom|way|can't|won't|cannot|do|must|should"
    r"|switch|migrat|convert|transition|port|upgrad|updat|bump|downgrad|chang)|n't\b|[→⇒]|[-=]>",
    re.IGNORECASE,
)
# what is dropped is in `old`, what takes its place in `new`, what it was for in `what`
INFIX = rf"(?P<new>.+?)\s+(?P<word>{_INSTEAD}|over|no longer|(?:and |but )?not)\s+(?:{_USE}\s+)?(?P<old>.+)"
ARROW = r"(?P<old>\S+(?:\s\S+){0,2}?)\s*(?:→|->|=>|⇒)\s*(?P<new>\S+(?:\s\S+){0,2})"
FORBIDS = (
    rf"{_NOT}\s+(?:(?:the use of|with)\s+|{_USE}\s+)?(?P<old>.+)",
    (
        r"(?P<what>.+?)\s+(?:(?:do|does|must|should|will|can|may) ?(?:not|n't)|never|no longer)"
        rf"\s+{_USE}\s+(?P<old>.+)"
    ),
    rf"{_REMOVE}\s+(?P<old>.+)",
    rf"(?P<old>.+?)\s+{_BE}\s+(?:now\s+)?{_GONE}(?:\s+(?:now|for good|any ?more|everywhere))?",
)
DROPS = (
    rf"{_MOVE}\s+(?P<what>(?:(?!from\b).)*?)\s*\bfrom\s+(?P<old>.+?)\s+(?:over\s+|back\s+)*(?:in)?to\s+(?P<new>.+)",
    rf"{_MOVE}\s+(?P<what>.*?)\s*\b(?:in)?to\s+(?P<new>.+?)\s+(?:away\s+)?from\s+(?P<old>.+)",
    (
        rf"{_MOVE}\s+(?P<what>.*?)\s*\b(?:off(?: of)?|away from|out of|from)\s+(?P<old>.+?)"
        r"(?:\s+(?:over )?(?:on|in)?to\s+(?P<new>.+))?"
    ),
    (
        r"(?:replac|swap|exchang|trad)(?:e|ed|ing|p|ped|ping)?(?:\s+out)?\s+(?P<old>.+?)"
        r"\s+(?:by|with|for|to)\s+(?P<new>.+)"
    ),
    r"substituted?\s+(?P<new>.+?)\s+for\s+(?P<old>.+)",
    r"prefer(?:red)?\s+(?P<new>.+?)\s+to\s+(?P<old>.+)",
    rf"{_REMOVE}\s+(?P<old>.+?)\s+(?:in favou?r of|and (?:use|adopt|go with)|\b(?:on)?to)\s+(?P<new>.+)",
    r"(?:leav(?:e|ing)|left|ditch(?:ed)?|abandon(?:ed)?|dump(?:ed)?|quit)\s+(?P<old>.+?)\s+for\s+(?P<new>.+)",
    rf"(?P<old>.+?)\s+{_BE}\s+(?:now\s+)?(?:being\s+)?(?:replaced|superseded|displaced) (?:by|with)\s+(?P<new>.+)",
    r"(?P<old>.+?)\s+(?:makes? way for|gives? way to|becomes?)\s+(?P<new>.+)",
    rf"(?:{_INSTEAD}|replaced?)\s+(?P<old>.+)",
    *FORBIDS[:3],
    rf"{_CONVERT}\s+(?P<old>\S+(?:\s\S+)?)\s+to\s+(?P<new>\S+(?:\s\S+)?)",
    FORBIDS[3],
    INFIX,
    ARROW,
)
# what is chosen is in `value`, what it is for in `scope`
CHOICES = (
    rf"{_USE}\s+(?P<value>.+)",
    rf"{_PUT}\s+(?P<scope>.+?)\s+(?:in|on|to|with|via|through|by|using|at|under)\s+(?P<value>.+)",
    (
        r"(?P<scope>\S.{1,59}?)\s+(?:(?:is|are|will be|should be|must be)(?:\s+\w+(?:ed|en|pt|lt|wn|un|de))?"
        r"(?:\s+(?:with|by|in|on|to|as|at|through|via|using))?|uses?|runs?\s+(?:on|in)|go(?:es)?\s+(?:through|to)|lives?\s+in"
        r"|rel(?:y|ies)\s+on|depends?\s+on)\s+(?!not\b|no\b|never\b)(?P<value>.+)"
    ),
    (
        r"(?P<scope>tests?|builds?|docs?|deploys?|linting|formatting|bundling|hosting|logging|caching)"
        r"\s+(?:with|on|in|via)\s+(?P<value>.+)"
    ),
    r"(?P<value>\S+(?:\s\S+){0,2}?)\s+(?:as|for)\s+(?P<scope>.+)",
)
BARE = r"\S+(?:\s\S+){0,2}"
COLON = r"(?P<scope>[^:`\"]{2,60}?)\s*[:=]\s+(?P<value>.+)"

# where a statement ends and its reason begins
REASON = later(
    r"\s(?:[-\u2013\u2014]\s|because\b|since\b|so that\b|due to\b|in order to\b|as it\b|which\b|until\b).*"
    r"|\s*[(\[].*|[.!]\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
CLAUSE = later(
    r"\s*[;,]\s+|\.\s+|\s+(?:and|but|then)\s+(?=(?:use|using|adopt|drop|stop|no longer|not|never|move|switch|migrate"
    r"|write|go|remove|replace|don't|do not|instead)\b)",
    re.IGNORECASE,
)
# what a whole sentence is about: `for the queue, NATS instead of Redis`
WHERE = later(r"(?:for|in|on|as)\s+(?P<scope>[^,;:]{2,40}),\s+", re.IGNORECASE)
# between two names; between a name and what it is for; before what a name does not have
SPLIT = later(r"\s*,\s*|\s+(?:and|or|plus|with|\+|&|/)\s+", re.IGNORECASE)
SCOPE = later(r"\s+(?:for|as|in|on|at|between|within|inside|across|among)\s+", re.IGNORECASE)
QUALIFIED = later(
    r"\s(?:after|before|from|during|every|each|per|by|to|into|onto|without|under|via|through|than|when|where|if|unless|while"
    r"|once|behind|over|that|who)\b",
    re.IGNORECASE,
)
STACK = later(
    r"\s+(?:from|in|of) (?:the|our|this) (?:stack|project|code|codebase|repo|repository|app|build|dependencies)\Z",
    re.IGNORECASE,
)
TRAILING = later(
    r"(?:\s+(?:any ?more|any longer|at all|anywhere|altogether|entirely|completely|everywhere|now|again|too|today|soon"
    r"|for good|for now|instead|only|immediately))+\Z",
    re.IGNORECASE,
)
# `over` these is a way, and not a choice
TRANSPORTS = frozenset(
    (
        "amqp",
        "http",
        "https",
        "ip",
        "mqtt",
        "quic",
        "ssh",
        "ssl",
        "stdio",
        "tcp",
        "tl",
        "udp",
        "vpn",
        "websocket",
        "wire",
    )
)
