"""Owns labelling a text without a language model: category, section, sentiment and tags.

Every method is small enough to be read: similarity to descriptions, patterns, and a lexicon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from indexing.briefings import Category, Section, Sentiment
from indexing.embedding import Embedder

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

DESCRIPTIONS: dict[Category, tuple[str, ...]] = {
    Category.AI: (
        "Artificial intelligence, machine learning and large language models",
        "Retrieval-augmented generation, embeddings, vector search and AI agents",
        "Training, fine-tuning and serving neural networks and generative models",
    ),
    Category.ROBOTICS: (
        "Robots, humanoids, drones and self-driving vehicles",
        "Factory automation with robot arms and machine vision",
    ),
    Category.CHIPS: (
        "Semiconductors, processors, chip makers and fabs",
        "New GPUs and AI accelerator hardware compared",
    ),
    Category.CLOUD: (
        "Cloud computing, Kubernetes clusters, containers and data centres",
        "Observability of distributed systems: traces, metrics, logs and collectors",
        "Serverless platforms, infrastructure as code and operations at scale",
    ),
    Category.SECURITY: (
        "Security vulnerability, CVE, security advisory and patch",
        "Cyber attack, malware, data breach, phishing and supply chain attack",
        "Encryption, authentication and privacy of user data",
    ),
    Category.SOFTWARE: (
        "Programming language release, compiler, runtime and standard library",
        "Software development: libraries, frameworks, package manager and developer tools",
        "Open source project release notes and roadmap",
    ),
    Category.POLICY: (
        "Technology regulation, law, courts and antitrust",
        "Government digital services, public agencies and procurement",
    ),
    Category.BUSINESS: (
        "Company earnings, funding round, acquisition and market share",
        "Startup strategy, customers, pricing and partnership",
    ),
    Category.SCIENCE: (
        "Scientific research results in physics, biology, medicine or climate",
        "Space, quantum computing and laboratory experiments",
    ),
    Category.WORK: (
        "Jobs, hiring, skills, training and remote work",
        "Team culture, elections and governance of a community, contributors and volunteers",
    ),
}
"""What each category is about; a text belongs to the one with the closest description."""

_SECTIONS: tuple[tuple[Section, re.Pattern[str]], ...] = (
    (
        Section.HOW_TO,
        re.compile(
            r"\b(how to|tutorial|step[- ]by[- ]step|getting started|hands[- ]on|cheat ?sheet"
            r"|checklist|guide (to|for)|a guide|practical guide|troubleshoot\w*|best practices"
            r"|tips|(build|deploy|set|monitor|instrument|creat|integrat|migrat|us|configur|test)"
            r"(ing|t?ing up)? \w.* (with|using|on|for|in) |with code)",
            re.IGNORECASE,
        ),
    ),
    (
        Section.EXPLAINER,
        re.compile(
            r"\b(what (is|are)|what's|why |explained|understanding|introduction to|deep dive"
            r"|an overview|101|basics|demystif\w+|inside |under the hood|how .+ works?"
            r"|how does|the anatomy|exploring)",
            re.IGNORECASE,
        ),
    ),
    (
        Section.ANALYSIS,
        re.compile(
            r"\b(survey|lessons?|benchmark\w*|retrospective|state of|report|comparison|compar\w+"
            r"|versus|vs\.?|review|thoughts|the future|future of|results|case study|insights"
            r"|reflect\w*|story|journey|experience|learned|trends?|look(ing)? (back|ahead))\b",
            re.IGNORECASE,
        ),
    ),
)
_NEWS = re.compile(
    r"\bv?\d+\.\d+(\.\d+)?\b|\b(releas\w*|announc\w*|introducing|now available|launch\w*"
    r"|update\w*|changelog|is (here|out)|joins|call for|nightly|stabiliz\w*|security)\b",
    re.IGNORECASE,
)
_TAGS: tuple[tuple[str, str], ...] = (
    ("AI agents", r"(ai|llm|coding|autonomous) agents?|agentic"),
    ("LLM", r"llms?|(large )?language models?|gpt-\S+|claude|gemini|llama|deepseek"),
    ("RAG", r"rag|retrieval[- ]augmented"),
    ("machine learning", r"machine learning|deep learning|neural networks?"),
    ("vector search", r"vector (database|search|index)s?|embeddings?|similarity search"),
    ("GPU", r"gpus?|cuda|accelerators?"),
    ("robots", r"robots?|humanoids?|drones?"),
    ("Kubernetes", r"kubernetes|k8s|helm"),
    ("observability", r"observability|telemetry|tracing|opentelemetry|prometheus"),
    ("vulnerabilities", r"cve-\d+-\d+|vulnerabilit(y|ies)|security advisory"),
    ("privacy", r"privacy|gdpr|personal data"),
    ("open source", r"open[- ]source"),
    ("release", r"release notes|changelog|released|new version"),
    ("performance", r"performance|latency|throughput|benchmarks?"),
    ("databases", r"databases?|postgres(ql)?|sqlite|mysql|sql"),
    ("JavaScript", r"javascript|typescript|node\.?js|deno|npm"),
    ("Python", r"python|pypi"),
    ("Rust", r"rust|rustc|crates\.io|cargo[ .](add|build|check|clippy|install|run|test|toml)"),
    ("Java", r"java|jvm|spring boot"),
    ("Go", r"golang"),
    ("compilers", r"compilers?|llvm|toolchain"),
    ("cloud", r"aws|azure|google cloud|cloud (provider|native)s?|serverless"),
    ("government", r"government|federal|agenc(y|ies)|public sector"),
    ("accessibility", r"accessib(le|ility)"),
    ("design", r"user research|usability|design system|ux"),
    ("community", r"contributors?|community|maintainers?|mentor(s|ing)?"),
    ("events", r"conference|summit|meetup|kubecon|workshop"),
    ("regulation", r"regulat(ion|or|ory)|legislation|antitrust|compliance"),
    ("jobs", r"hiring|jobs?|careers?|skills gap|fellowship"),
)
_TECHNICAL_WORDS = {
    "vulnerability": -2.6, "vulnerabilities": -2.6, "exploit": -2.2, "exploited": -2.6,
    "outage": -2.6, "breach": -2.8, "malicious": -2.6, "malware": -2.8, "attacker": -2.0,
    "attackers": -2.0, "compromised": -2.4, "incident": -1.8, "cve": -1.6, "deprecated": -1.0,
    "removed": -0.6, "layoffs": -2.8, "lawsuit": -2.0, "recall": -1.6, "regression": -1.6,
    "faster": 1.6, "improved": 1.6, "stabilised": 1.2, "stabilized": 1.2, "milestone": 1.6,
    "security": 0.0, "secure": 0.6, "critical": -0.6, "error": -0.3, "errors": -0.3, "kill": 0.0,
    "killed": 0.0, "abort": 0.0, "drop": 0.0, "dropped": 0.0, "like": 0.0, "free": 0.4,
    "support": 0.4, "supports": 0.4, "supported": 0.2, "share": 0.0, "shared": 0.0, "trust": 0.4,
    "play": 0.0, "matter": 0.0, "number": 0.0, "well": 0.4, "no": -0.4, "natural": 0.0,
    "intelligence": 0.0, "intelligent": 0.0, "please": 0.0, "thanks": 0.4, "thank": 0.4,
    "welcome": 0.6, "hope": 0.4, "interesting": 0.4, "excited": 1.0, "love": 0.8, "fun": 0.6,
}  # fmt: skip
"""Corrects VADER, which was made for social media: in technology news "kill" ends a process and
"excited" is how announcements begin, while an outage is bad news."""
_POSITIVE_FROM = 0.30
_NEGATIVE_TO = -0.10
_AI_BONUS = 0.08
_USUAL_WEIGHT = 0.5


def categorise(
    gists: Sequence[str],
    embedder: Embedder,
    *,
    sources: Sequence[str],
    about_ai: Sequence[bool],
) -> list[Category]:
    """The category of each text.

    Args:
        gists: Title and summary of each.
        embedder: Compares them with `DESCRIPTIONS`.
        sources: Who published each; what a publisher writes about all the time counts a little,
            since a title alone may not tell.
        about_ai: Whether the publisher filed it under AI: a nudge, not an order.
    """
    if not gists:
        return []
    categories = list(DESCRIPTIONS)
    vectors = embedder.embed_passages(gists)
    scores = np.stack(
        [
            (vectors @ embedder.embed_queries(DESCRIPTIONS[category]).T).max(axis=1)
            for category in categories
        ],
        axis=1,
    )
    publishers = np.array(sources)
    usual = np.stack([scores[publishers == publisher].mean(axis=0) for publisher in sources])
    scores = scores + _USUAL_WEIGHT * usual
    scores[:, categories.index(Category.AI)] += _AI_BONUS * np.array(about_ai, dtype=np.float32)
    return [categories[int(best)] for best in scores.argmax(axis=1)]


def section_of(title: str, *, has_code: bool = False) -> Section:
    """The shelf that a title asks for.

    Args:
        title: Title of the post.
        has_code: It shows a good deal of code, so that an undecided title is a how-to.
    """
    if _NEWS.search(title) and not _SECTIONS[0][1].search(title):
        return Section.NEWS
    for section, pattern in _SECTIONS:
        if pattern.search(title):
            return section
    return Section.HOW_TO if has_code else Section.NEWS


def sentiment_of(sentences: Sequence[str]) -> Sentiment:
    """The tone of a text: the mean of its sentences' VADER scores (Hutto and Gilbert, 2014)."""
    if not sentences:
        return Sentiment.NEUTRAL
    score = fmean(_vader().polarity_scores(sentence)["compound"] for sentence in sentences)
    if score >= _POSITIVE_FROM:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if score <= _NEGATIVE_TO else Sentiment.NEUTRAL


def tags_of(title: str, text: str, limit: int = 4) -> tuple[str, ...]:
    """Subjects named in the title or several times in the text, the most frequent first."""
    counts = Counter[str]()
    for tag, pattern in _tag_patterns():
        counts[tag] = 4 * len(pattern.findall(title)) + len(pattern.findall(text))
    return tuple(tag for tag, count in counts.most_common(limit) if count >= 3)


@cache
def _tag_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((tag, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for tag, words in _TAGS)


@cache
def _vader() -> SentimentIntensityAnalyzer:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    analyzer.lexicon.update(_TECHNICAL_WORDS)
    return analyzer
