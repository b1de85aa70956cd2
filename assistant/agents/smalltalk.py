"""Owns small talk: short, warm answers of Heidi's own, varied by the turn and never random."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from assistant.core.caller import Caller, VerifiedCustomer
from assistant.core.events import Outcome
from assistant.core.phrasing import plain_text
from assistant.core.replies import Reply
from assistant.core.turns import Turn

FIRST_QUESTIONS = ("Latest AI news", "What's my balance?", "Book a meeting with sales")
WHAT_I_DO = (
    "I can answer from our news briefings, show your balance, payments, invoices and plan, and "
    "book, move or cancel meetings with our sales, support and editorial teams."
)

_BYE = r"\b(?:bye|goodbye|good ?night|see (?:you|ya)|farewell|take care|later|ciao|cheerio)\b"
_KINDS: tuple[tuple[str, str], ...] = (
    ("greeting", r"^\W*good (?:morning|afternoon|evening|day)\b"),
    ("dissent", r"^\W*(?:never ?mind|nvm|forget it|forget that|stop|cancel|leave it)\b"),
    (
        "robot",
        r"\b(?:are you|is this|am i (?:talking|speaking|chatting)|you'?re)\b.*\b(?:robot|bot|human|"
        r"real|person|ai|machine|computer|automated|alive|chat ?gpt|llm)\b",
    ),
    (
        "abilities",
        r"\bwhat (?:can|could|do|else can|all can) you (?:do|help|offer|know)\b|"
        r"\bwhat (?:can|could|should) i (?:ask|say|do)\b|\bhow (?:can|do|could) you help\b|"
        r"\bhow (?:do|does) (?:you|this) work\b|"
        r"^\W*(?:help|i need (?:some )?help)(?: me)?(?: please)?\W*$"
        r"|\byour (?:skills|abilities|features|functions|purpose|job)\b|\bcan you help\b",
    ),
    (
        "identity",
        r"\bwho (?:are|made|built|created|is|owns) (?:you|heidi|your)\b|\bwho'?s (?:heidi|your)\b|"
        r"\bwhat (?:are you|is your name|'?s your name|should i call you)\b|\byour name\b|"
        r"\b(?:introduce|about) yourself\b|\bwho do you work for\b",
    ),
    ("joke", r"\bjokes?\b|\bmake me laugh\b|\b(?:something|anything) funny\b|\bpun\b"),
    (
        "mood",
        r"\bhow (?:are|r) (?:you|u|things)\b|\bhow(?:'s| is) (?:it going|your day|life|"
        r"everything)\b|"
        r"\bhow (?:have you been|do you do|do you feel|are you feeling)\b|\bwhat'?s up\b|\bsup\b|"
        r"\byou ok(?:ay)?\b",
    ),
    ("thanks", r"\b(?:thanks|thank|thx|ty|cheers|appreciate\w*|grateful|much obliged)\b"),
    ("bye", _BYE),
    (
        "praise",
        r"\b(?:good|great|nice|excellent|amazing|awesome|brilliant|perfect|wonderful|fantastic|"
        r"clever|smart|helpful|love|like|best|sweet|cool|well done|impressive)\b",
    ),
    (
        "complaint",
        r"\b(?:bad|wrong|stupid|useless|dumb|terrible|awful|hate|annoying|worst|rubbish|idiot|"
        r"not (?:helpful|good|right)|repeating yourself|doesn'?t help|didn'?t help)\b",
    ),
    ("sorry", r"\b(?:sorry|apolog\w+|my bad|excuse me)\b"),
    (
        "personal",
        r"\b(?:do|are|did|have|where|how old|what|when|can|will|would) (?:do |are |were |did |is )?"
        r"(?:you|your)\b|\byour (?:favou?rite|family|age|birthday|hobby|hobbies|home\w*|boss|pet)\b"
        r"|\bmeaning of life\b|\byou\b.*\?",
    ),
    (
        "greeting",
        r"\b(?:hi|hiya|hello|hey|yo|howdy|greetings|good (?:morning|afternoon|evening|day)|"
        r"welcome|hallo|morning|evening|i'?m back|are you there)\b",
    ),
    ("assent", r"^\W*(?:yes|yeah|yep|ok|okay|sure|alright|right|fine|cool|got it|i see)\W*$"),
    ("dissent", r"^\W*(?:no|nope|nah|no thank you|nothing|that'?s (?:all|it|everything))\b"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)

_TEXTS: dict[str, tuple[str, ...]] = {
    "robot": (
        f"I'm an automated assistant, not a person. {WHAT_I_DO} If you'd rather talk to a person, "
        "just say so.",
    ),
    "abilities": (f"Gladly. {WHAT_I_DO} Just ask in your own words.",),
    "identity": (
        f"I'm Heidi, JMAC Web's AI news curator and assistant. {WHAT_I_DO}",
        f"My name is Heidi. I'm the automated assistant of this news site. {WHAT_I_DO}",
    ),
    "joke": (
        "Why did the neural network go to school? To improve its weights. It came back overfitted.",
        "There are two hard things about chatbots: names, caching, and counting.",
        "I wanted to tell a joke about UDP, but you might not get it.",
        "A robot walks into a bar. “What can I get you?” “Something to loosen a screw.”",
    ),
    "mood": (
        "I'm well, thank you for asking. What can I do for you?",
        "All systems are cheerful, thanks. How can I help you today?",
    ),
    "thanks": (
        "You're welcome! Is there anything else I can do?",
        "My pleasure. Just ask if there is more.",
        "Glad I could help.",
    ),
    "bye": (
        "Goodbye, and come back any time.",
        "See you soon. Have a good day!",
        "Take care! I'm here whenever you need me.",
    ),
    "praise": (
        "Thank you, that is kind of you!",
        "That's nice to hear, thank you.",
        "Thanks! I do my best.",
    ),
    "complaint": (
        "I'm sorry that this did not help. Please put it in other words, or ask for a person of "
        "our team.",
        "I'm sorry about that. Tell me what you need, or say “talk to a person”.",
    ),
    "sorry": ("No need to apologise. What can I do for you?", "No problem at all. How can I help?"),
    "personal": (
        f"There is not much to tell: I'm an automated assistant without a private life. "
        f"{WHAT_I_DO}",
        "I'm only software, so I have no good answer to that. But I know our briefings well: ask "
        "me about those, your account or a meeting.",
    ),
    "greeting": (
        "Hello{name}! How can I help? Ask about the news, your account or a meeting.",
        "Hi{name}! What can I do for you: news, your account, or a meeting?",
        "Good to see you{name}. What would you like to know?",
    ),
    "assent": ("Good. What would you like to do next?", "Fine. What can I do for you?"),
    "dissent": (
        "All right. I'm here if you need anything.",
        "Okay. Just write if something comes up.",
    ),
    "other": (
        "I'm here for the news, your account and meetings. What would you like to know?",
        "Let's see how I can be of use: ask about the news, your account or a meeting.",
    ),
}
_WITHOUT_QUESTIONS = frozenset({"bye"})


def read_smalltalk(message: str) -> str:
    """The kind of small talk a message is."""
    text = message[:300].lower().replace("\u2019", "'")
    if re.search(r"\b(?:not|no|isn't|aren't|wasn't) (?:\w+ )?(?:good|great|helpful|nice)\b", text):
        return "complaint"
    return next((kind for kind, pattern in _COMPILED if pattern.search(text)), "other")


def answer_smalltalk(turn: Turn, caller: Caller, message: str) -> Reply:
    """A warm word; the same message in the same place always gets the same one."""
    kind = read_smalltalk(message)
    text = _pick(_TEXTS[kind], turn, message)
    return Reply(
        text=text.format(name=_name(caller)) if kind == "greeting" else text,
        outcome=Outcome.ANSWERED,
        questions=() if kind in _WITHOUT_QUESTIONS else FIRST_QUESTIONS,
    )


def _pick(texts: Sequence[str], turn: Turn, message: str) -> str:
    # Counting turns keeps the same words from coming twice in a row.
    start = zlib.crc32(message.strip().lower().encode())
    return texts[(start + len(turn.history)) % len(texts)]


def _name(caller: Caller) -> str:
    if not isinstance(caller, VerifiedCustomer):
        return ""
    first = plain_text(caller.name, 40).split(" ")[0]
    return f", {first}" if first else ""
