"""Owns telling English from what is not, as far as an answer must say so. Pure.

Common words decide; a message too short to tell counts as English.
"""

from __future__ import annotations

import re

_COMMON = {
    "German": "ich ist nicht und der die das ein eine wie was wer wann wo mein meine mir bitte "
    "auf für von mit den dem kann können gibt es sie haben möchte neuigkeiten über hallo guten",
    "French": "je est le la les un une des et que quel quelle qui mon ma mes vous pour dans avec "
    "sur pas du au bonjour merci puis quelles sont voudrais c'est quoi comment combien",
    "Spanish": "el la los las un una es que qué mi mis por para con cuál cuánto cómo quiero hola "
    "gracias está son del puedo tengo sobre noticias dónde cuándo y",
    "Italian": "il lo gli una è che mio mia per con sono come quanto quando vorrei ciao grazie "
    "della del di ho posso sulle notizie cosa qual",
    "Portuguese": "o os um uma é que meu minha por para com qual quanto como quero olá obrigado "
    "não está são do da tenho posso sobre notícias",
    "Dutch": "ik is niet en het een wat wie wanneer mijn van met voor kan er zijn hoe graag "
    "hallo nieuws over de",
}
_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}
_ENGLISH = frozenset(
    "i is not and the a an what who when where how my me please to for of with can are there you "
    "have do does it in on about news book meeting latest any show tell was were this that "
    "at".split()
)
_LETTERS = re.compile(r"[^\W\d_]")


def is_other_script(text: str) -> bool:
    """Whether most letters are of no Latin alphabet."""
    letters = _LETTERS.findall(text[:2_000])
    latin = sum(letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" for letter in letters)
    return bool(letters) and 2 * latin < len(letters)


def is_other_language(text: str) -> bool:
    """Whether a message in Latin letters is clearly not English."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text[:2_000].lower())
    english = sum(word in _ENGLISH for word in words)
    most = max(sum(word in common for word in words) for common in _WORDS.values())
    return most >= 2 and most > english + 1
