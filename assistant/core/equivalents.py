"""Owns words that ask for the same thing: who asks what something costs is told its price. Pure.

Small on purpose: only words that questions use for what briefings say otherwise. What is merely
similar is the business of the embedding model.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

from assistant.core.terms import stem, words

_GROUPS = """
win won wins winner winners winning victory champion gold podium
cost costs price prices priced pricing fee expensive pay paid pays payment
ceo boss
founded founder founders cofounder cofounded established
discovered discover discovery find finds reported reporting disclosed identified notified spotted
told tell tells notified informed alerted
write writes wrote written author authors authored
sing sings sang sung singer performed recorded
developed develops built build builds created creates
employee employees staff workers workforce headcount
buy buys bought buying acquire acquires acquired acquisition takeover purchase
cause causes caused reason reasons trigger triggered
released release launch launched introduced available unveiled ships published
earn earned earns earnings revenue turnover profit income
private consumer consumers household households
company companies firm firms business businesses enterprise enterprises
end ends ended expire expires ending
apply applies applied force effect comply
ban bans banned prohibit prohibits prohibited forbid forbids forbidden outlawed
demand demands demanded require requires required obliges duty duties obligations ask asks
hold holds held own owns owned
licence license licences licenses licensed
survey surveys surveyed poll polled
fine fines fined penalty penalties
finish finished finishes finishing
start starts started begin begins began begun
electricity power energy
quickly fast within
respond responds responded respondent respondents response responses
choose chooses chose chosen choosing adopt adopts adopted adoption
"""


def _families() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _GROUPS.strip().splitlines():
        family = frozenset(stem(word) for word in words(line))
        for member in family:
            found[member] = found.get(member, frozenset()) | family
    return found


_FAMILIES = _families()


@lru_cache(maxsize=4_096)
def equivalents(term: str) -> frozenset[str]:
    """The stems that say the same as a stem, itself among them."""
    return _FAMILIES.get(term, frozenset()) | {term}


def is_held(term: str, held: Set[str]) -> bool:
    """Whether a stem, or one that says the same, is among others."""
    return term in held or not equivalents(term).isdisjoint(held)
