"""Owns reading a question: what kind of answer it asks for. Pure; English.

The kind decides which sentences answer (`extraction.py`) and how the answer is laid out. Does not
own what the question is about (`terms.py`) or when (`retrieval/understanding.py`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from assistant.core.sentences import split_sentences


class QuestionType(StrEnum):
    """The kind of answer a question asks for."""

    DIGEST = "digest"
    """Several briefings: "latest news on robotics", "what happened this week"."""
    ABOUT = "about"
    """A summary: "what is … about", "summarise …", "tell me about …"."""
    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MUCH = "how_much"
    """A number, price, share, size or duration."""
    WHY = "why"
    HOW = "how"
    DEFINITION = "definition"
    """"What is …", "what does … mean"."""
    LIST = "list"
    """Several things: "which companies…", "what are the reasons…"."""
    COMPARE = "compare"
    YES_NO = "yes_no"
    OPEN = "open"
    """Anything else."""


_NEWS = (
    r"(?:news|headlines?|stories|briefings?|articles?|updates?|developments?|coverage|posts?|"
    r"happenings)"
)
_PERIOD = (
    r"(?:today|yesterday|this (?:morning|week|month|year|quarter)|"
    r"(?:last|past|previous) (?:\w+ ){0,2}(?:days?|weeks?|months?|years?|quarters?)|lately|"
    r"recently|"
    r"(?:in )?(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december|q[1-4]|20\d\d)(?: 20\d\d)?|since \w+(?: 20\d\d)?)"
)
_TONE = r"(?:positive|good|great|encouraging|uplifting|negative|bad|worrying|alarming|neutral)"

_DIGEST = re.compile(
    rf"\b(?:latest|newest|recent|most recent|breaking|top|today'?s|yesterday'?s|this week'?s)\b"
    rf"(?:\W+\w+){{0,4}}?\W+{_NEWS}\b"
    rf"|^\W*(?:the )?(?:latest|newest|most recent|recent)\b"
    rf"(?!(?: \S+){{0,3}}? (?:version|release|model)s?\b)"
    rf"(?!.*\b(?:which|whose|how (?:many|much))\b)"
    rf"|\b(?:any|some|more|other|the|{_TONE})(?:\W+\w+){{0,2}}?\W+{_NEWS}\b(?! (?:site|page)s?\b)"
    rf"|^\W*{_NEWS}\b(?: (?:on|about|from|in|of|for)\b|\W*(?:{_PERIOD})?\W*$)"
    rf"|\bwhat(?:'s| is| are|s)? (?:new|happening|going on|hot|trending|"
    rf"the latest(?!(?: \S+){{0,3}}? (?:version|release|model)s?\b)|the news)\b"
    rf"|\bwhat (?:happened|has happened|did i miss|have i missed)\b(?! (?:to|with|when|after|"
    rf"at)\b)(?:\W+\w+){{0,6}}?\W*{_PERIOD}?\W*$"
    rf"|^\W*what (?:has )?happened (?:at|with|around) .{{2,60}} {_PERIOD}\W*$"
    rf"|\bwhat (?:has|have|did) .{{2,60}} (?:announced?|publish(?:ed)?|released?|"
    rf"written|write|done|"
    rf"post(?:ed)?) {_PERIOD}"
    rf"|\banything (?:new|{_TONE}|interesting|else|about|on|recent)\b"
    r"|\b(?:what|which)(?: .{2,80}?)? (?:have|did|do) you (?:report|cover|publish|writ|wrot)\w*\b"
    r"(?! (?:that|this|so)\b)"
    rf"|\b(?:show|give|list|find|get) me\b.*\b{_NEWS}\b"
    rf"|\b(?:catch me up|bring me up to date|up to speed|round-?up|digest|recap)\b"
    rf"|\bwhat (?:do|have) you (?:have|got|know|written|published)\b"
    rf"|^\W*(?:the )?\w+(?: \w+)? {_NEWS}\W*(?:{_PERIOD}|(?:from|in|since|of|on|about|for|"
    rf"between)\b.*)?\W*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\bwhat(?:'s| is| are| was|s)\b.{1,200}\babout\s*\W*$"
    r"|\b(?:summari[sz]e|sum up|summary of|overview of|gist of|tl;?dr)\b"
    r"|^\W*(?:please |can you |could you |would you )*(?:tell|inform|brief) (?:me|us)"
    r"(?: (?:a bit|a little|something|more|everything|all))* (?:about|on)\b"
    r"|^\W*(?:explain|describe)\b|\bwhat do you know about\b|^\W*(?:more )?about\b(?! how\b)"
    r"|^\W*(?:tell me )?more\W*$"
    r"|^\W*(?:what|who)(?:'s| is| are| was|s)\b.{1,200}\bin (?:(?:one|two|three|a few|some|\d) "
    r"(?:sentences?|words|lines)|short|brief|a nutshell)\W*$",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\b(?:compare|compared (?:to|with)|comparison|difference(?:s)? between|versus|vs)\b"
    r"|\b(?:better|faster|cheaper|bigger|larger|safer) than\b",
    re.IGNORECASE,
)
_NO_PERSON = "".join(
    rf"(?<!{kind} )"
    for kind in "notable public political historical religious famous prominent".split()
)
_HOW_MUCH = re.compile(
    r"\bhow (?:much|many|long|old|big|large|high|tall|far|fast|quickly|soon|often|deep|"
    r"heavy|few|expensive)\b"
    r"|\b(?:what|which)(?:'s| is| was| are| were)? (?:the |its |"
    r"their )?(?:\w+ ){0,2}?(?:percentage|percent|"
    r"share|number|price|cost|amount|size|rate|"
    rf"{_NO_PERSON}figure|valuation|revenue|total|salary|value|age|speed|capacity|score)\b"
    r"|\bwhat (?:does|did|will|do|would) .{1,80}\bcost\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:^|[,;:–—-] ?|\b(?:and|or|but|so|know|tell me|say|says|remember|ask|wonder|find out|from|"
    r"until|by|exactly) )\W*when\b(?! it comes to)"
    r"|\bwhen (?:did|does|do|is|are|was|were|will|would|can|could|should|has|have|had)\b"
    r"|\bwhen\W*$|\b(?:what|which|in which|in what|on what|on which) "
    r"(?:date|day|year|month|time)\b|\bhow (?:soon|recently|long ago)\b|\bsince when\b",
    re.IGNORECASE,
)
"""Not where it joins: "Who was left when it ended?"."""
_LIST = re.compile(
    r"\b(?:which|what) (?:(?:are|were)(?! (?:they|you|we|it)\b)(?!.* (?:for|about|like)\W*$)|"
    r"other (?:[\w-]+ ){0,2}?\w+s\b|\w+ (?:companies|countries|states|people|models|"
    r"tools|reasons|"
    r"features|rules|risks|changes|ways|steps|skills))\b"
    r"|\b(?:which|what) (?:companies|countries|states|people|firms|models|tools|reasons|features|"
    r"rules|risks|changes|ways|steps|skills|practices|sectors|jobs|robots|languages)\b"
    r"|^\W*(?:list|name|enumerate)\b|\bexamples of\b|\bwhat kinds? of\b",
    re.IGNORECASE,
)
_NAMED = (
    r"(?:figure|company|firm|corporation|manufacturer|maker|carmaker|automaker|retailer|chain|bank|airline|"
    r"startup|vendor|supplier|brand|agency|university|college|school|newspaper|broadcaster|network|"
    r"publisher|studio|club|organi[sz]ation|foundation|association|union|party|team|group|person|"
    r"man|woman|actor|actress|singer|rapper|artist|band|musician|comedian|director|author|writer|"
    r"journalist|athlete|player|coach|driver|star|celebrity|billionaire|president|ceo|executive|"
    r"founder|leader|politician|senator|governor|mayor|minister|judge|official|researchers?|"
    r"scientist|engineer)"
)
"""Nouns of what has a name."""
_WHO = re.compile(
    r"\bwho(?:m|'s)?\b|\bwhose\b|\bby whom\b"
    r"|\b(?:which|what) (?!(?:is|are|was|were|did|does|do|of|the)\b)(?:[\w'’&-]+ ){0,3}?"
    rf"{_NAMED}\b(?! of\b)",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\bwhere\b|\b(?:which|what) (?!(?:is|are|was|were|did|does|do|of|the)\b)(?:[\w'’-]+ ){0,2}?"
    r"(?:country|nation|city|town|place|state|region|location|continent|island)\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat(?:'s| is| was| are| were)? (?:the )?(?:reasons?|caused?|causes)\b"
    r"|\bfor what reasons?\b|\bwhat led to\b|\bwhat made\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(
    r"^\W*(?:so |and |ok |okay |hi |hey )*(?:what|who)(?:'s| is| are|s| was| were)\b"
    r"|\b(?:tell me|explain|know) (?:what|who) (?:[\w-]+ ){1,5}(?:is|are|means?)\W*$"
    r"|\bwhat does .{1,80} mean\b|\bdefin(?:e|ition of)\b|\bmeaning of\b",
    re.IGNORECASE,
)
_BARE_PLURAL = re.compile(
    r"^\W*(?:so |and |ok |okay |hi |hey )*what are (?!(?:the|its|their|your|our|some|all|any|these|"
    r"those|they|you|we|main|key|best|top|new|latest|current|examples|good|common|other)\b)"
    r"(?!.* (?:of|for|in|about|on) )"
    r"(?:[\w.-]+ ){0,3}[\w-]+s\W*$",
    re.IGNORECASE,
)
"""Asks what such things are, not which there are: "What are humanoid robots?"."""
_YES_NO = re.compile(
    r"^\W*(?:so |and |but |ok |okay )*(?:is|are|was|were|do|does|did|has|have|had|can|could|"
    r"will|would|"
    r"should|may|might)(?:n't)?\b",
    re.IGNORECASE,
)
_HOW = re.compile(r"\bhow\b", re.IGNORECASE)

_ORDER: tuple[tuple[QuestionType, re.Pattern[str]], ...] = (
    (QuestionType.ABOUT, _ABOUT),
    (QuestionType.DIGEST, _DIGEST),
    (QuestionType.COMPARE, _COMPARE),
    (QuestionType.WHEN, _WHEN),
    (QuestionType.HOW_MUCH, _HOW_MUCH),
    (QuestionType.WHY, _WHY),
    (QuestionType.WHERE, _WHERE),
    (QuestionType.WHO, _WHO),
    (QuestionType.LIST, _LIST),
    (QuestionType.DEFINITION, _DEFINITION),
    (QuestionType.YES_NO, _YES_NO),
    (QuestionType.HOW, _HOW),
)

_ASKS_ONE = re.compile(
    r"^\W*(?:so |and |ok |okay |hi |hey )*"
    r"(?:who|whom|whose|when|why|how (?:many|much|long|often))\b"
    r"(?! (?:is|are) (?:new|in the news)\b)",
    re.IGNORECASE,
)
"""Who asks for a person or a day asks for no list of briefings, though it be of a post."""

_LONGEST_READ = 600
"""Characters of a message in which its kind is looked for; questions are shorter."""


@lru_cache(maxsize=1_024)
def asking_part(message: str) -> str:
    """The one sentence of a message that ends as questions do, or else the message.

    Whoever tells what a question is about first asks in its last sentence: "Acme moved. Where is
    it now?".
    """
    sentences = [sentence.text for sentence in split_sentences(message)]
    asking = [text for text in sentences if text.endswith("?")]
    return asking[0] if len(asking) == 1 and len(sentences) > 1 else message


def question_type(question: str) -> QuestionType:
    """The kind of answer a question asks for."""
    text = asking_part(question[:_LONGEST_READ].replace("’", "'"))
    if re.match(r"^\W*[Ww]ho(?:'s| is| are| was) [A-Z]", text) and len(text.split()) <= 5:
        return QuestionType.DEFINITION
    if _BARE_PLURAL.match(text) and not _DIGEST.search(text):
        return QuestionType.DEFINITION
    asks_one = _ASKS_ONE.match(text) is not None
    for kind, pattern in _ORDER:
        if pattern.search(text) and not (asks_one and kind is QuestionType.DIGEST):
            return kind
    return QuestionType.OPEN


def asks_for_briefings(question: str) -> bool:
    """Whether a question asks for news as such, rather than for a fact in it."""
    return question_type(question) is QuestionType.DIGEST
