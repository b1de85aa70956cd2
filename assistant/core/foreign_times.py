"""Owns days and times said in other languages, put into the English that the readers know. Pure.

Only so far that a day, a month or "tomorrow" that the visitor did name is not taken for planted;
the rest of a message stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

_DAYS = (
    ("monday", "montag lundi lunes lunedi segunda maandag"),
    ("tuesday", "dienstag mardi martes martedi terca dinsdag"),
    ("wednesday", "mittwoch mercredi miercoles mercoledi quarta woensdag"),
    ("thursday", "donnerstag jeudi jueves giovedi quinta donderdag"),
    ("friday", "freitag vendredi viernes venerdi sexta vrijdag"),
    ("saturday", "samstag sonnabend samedi sabado sabato zaterdag"),
    ("sunday", "sonntag dimanche domingo domenica zondag"),
)
_MONTHS = (
    ("january", "januar janvier enero gennaio janeiro januari"),
    ("february", "februar fevrier febrero febbraio fevereiro februari"),
    ("march", "marz mars marzo marco maart"),
    ("april", "avril abril aprile"),
    ("may", "mai mayo maggio maio mei"),
    ("june", "juni juin junio giugno junho"),
    ("july", "juli juillet julio luglio julho"),
    ("august", "aout agosto augustus"),
    ("september", "septembre septiembre settembre setembro"),
    ("october", "oktober octobre octubre ottobre outubro"),
    ("november", "novembre noviembre novembro"),
    ("december", "dezember decembre diciembre dicembre dezembro"),
)
_WORDS = {word: english for english, words in (*_DAYS, *_MONTHS) for word in words.split()}
_PHRASES = (
    (r"\b(?:ubermorgen|apres-demain|pasado manana|dopodomani|depois de amanha|overmorgen)\b",
     "the day after tomorrow"),
    (r"\b(?:heute|aujourd'hui|hoy|oggi|hoje|vandaag)\b", "today"),
    (r"\bmorgen (?:fruh|vormittag|ochtend)\b", "tomorrow morning"),
    (r"\b(?:demain|manana|domani|amanha|morgen)\b", "tomorrow"),
    (r"\b(?:nachste[rn]?|kommende[rn]?) woche\b|\b(?:la )?semaine prochaine\b|\b(?:la )?proxima "
     r"semana\b|\b(?:la )?(?:prossima settimana|settimana prossima)\b|\b(?:a )?semana que vem\b"
     r"|\bvolgende week\b", "next week"),
    (r"\b(?:(?:um|gegen|a las?|alle|a l'|as|om|a)|le) (?=\d{1,2}(?:[:h]\d\d)?\b)(?!\d{1,2}\.? ?"
     r"(?:de )?[a-z]{3,})", "at "),
    (r"(?<=\d) ?(?:uhr|uur|heures?)\b", " o'clock"),
    (r"(?<=\d)\. (?=(?:" + "|".join(english for english, _ in _MONTHS) + r")\b)", " "),
    (r"(?<=\d) de (?=(?:" + "|".join(english for english, _ in _MONTHS) + r")\b)", " "),
    (r"\bsame time\b|\b(?:zur )?gleichen? (?:zeit|uhrzeit)\b|\b(?:a la )?meme heure\b|\b(?:a la )?"
     r"misma hora\b|\b(?:alla )?stessa ora\b|\b(?:a )?mesma hora\b|\bzelfde (?:tijd|uur)\b",
     "same time"),
    (r"\b(?:eine|1) stunde spater\b|\bune heure plus tard\b|\buna hora mas tarde\b|\bun'?ora"
     r" (?:piu "
     r"tardi|dopo)\b|\buma hora (?:mais tarde|depois)\b|\been uur later\b", "an hour later"),
    (r"\b(?:eine|1) stunde fruher\b|\bune heure plus tot\b|\buna hora (?:antes|mas temprano)\b"
     r"|\bun'?ora prima\b|\buma hora (?:antes|mais cedo)\b|\been uur eerder\b", "an hour earlier"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), english) for pattern, english in _PHRASES)
_WORD = re.compile(r"[a-z]+")


def in_english(message: str) -> str:
    """The message in lower case and without accents, with its days and times in English."""
    apart = unicodedata.normalize("NFKD", message.lower().replace("\u2019", "'"))
    text = "".join(char for char in apart if not unicodedata.combining(char))
    text = _WORD.sub(lambda match: _WORDS.get(match.group(), match.group()), text)
    for pattern, english in _PATTERNS:
        text = pattern.sub(english, text)
    return text
