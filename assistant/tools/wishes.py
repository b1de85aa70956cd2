"""Owns how visitors ask for what our tools write: the lexicons that their policies hold.

Written as people say it, in the languages of the site's visitors, without capitals and accents; how
they are compared is `core/wishes.py`.
"""

from __future__ import annotations

from assistant.core.wishes import Wish


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEETING = _set(
    "meeting meetings mtg appointment appointments appt call calls booking bookings slot slots "
    "demo demos consultation consultations session chat schedule reservation "
    "termin termine terminen besprechung gesprach treffen anruf verabredung "
    "rendez-vous rdv reunion reunions rencontre appel cita citas llamada "
    "riunione riunioni appuntamento appuntamenti incontro chiamata "
    "creneau reuniao compromisso encontro chamada afspraak afspraken vergadering gesprek"
)
_PEOPLE = _set(
    "sales support editorial editor editors newsroom team staff person someone somebody "
    "salesperson "
    "vertrieb verkauf redaktion kundendienst ventes commercial ventas soporte redaccion "
    "vendite assistenza redazione vendas suporte redacao verkoop redactie "
)
_CANNOT = (
    r"\b(?:can'?t|cannot|can not|won'?t|not able to|unable to|not going to|not gonna|no longer"
    r" able)"
    r"\b.{0,40}\b(?:make|come|attend|join|be there|show up|do)\b"
    r"|\b(?:doesn'?t|does not|won'?t|not gonna|not going to|no longer|can'?t) (?:be )?work(?:s"
    r"|ing)?\b"
    r"|\bsomething(?:'s| has)? c[ao]me up\b|\bsth came up\b"
    r"|\bkann\b.*\bnicht\b|\bschaffe\b.*\bnicht\b|\b(?:peux|pourrai|pourrais)\b.*\bpas\b"
    r"|\bno puedo\b|\bno podre\b|\bnon (?:posso|potro)\b|\bnao (?:posso|vou poder)\b"
    r"|\bkan\b.*\bniet\b"
)

BOOKING = Wish(
    kind="book",
    takes_times=True,
    words=_set(
        "book schedule arrange reserve organise organize meet talk speak discuss consult plan "
        "rebook request secure register "
        "buche buchen vereinbare vereinbaren ausmachen treffen sprechen reservieren "
        "reserver reservez prendre fixer organiser rencontrer parler reservar reserva agendar "
        "agenda concertar programar hablar prenotare prenota fissare fissa parlare incontrare "
        "reservez reserve geben gib marcar marque falar boeken boek plannen afspreken spreken "
        "inplannen"
    ),
    done=_set("booked scheduled arranged reserved"),
    things=_MEETING | _PEOPLE,
    phrases=(
        r"\bset(?:ting)? (?:me |us |it )?up\b|\bset (?:an?|another) |\bmake an?\b|\bput me"
        r" (?:down|in)\b"
        r"|\b(?:hook|sign) (?:me|us) up\b|\bsit down with\b|\bcall (?:me|us)\b|\binterested in"
        r" an?\b|\bpencil (?:me|us) in\b"
        r"|\b(?:want|need|like|love|get|have|give|fix|find|grab|add)\b(?: \w+){0,3} "
        r"(?:an?|another|some|any|the (?:next|first|earliest))\b"
        r"|\b(?:see|chat (?:to|with)|catch up with|call (?:from|with))\b"
        r"|\b(?:brauche|mochte|hatte gern\w*|will)\b.*\b(?:einen|ein|eine)\b"
        r"|\b(?:voudrais|aimerais|veux|besoin)\b.*\bun(?:e)?\b"
        r"|\b(?:quiero|quisiera|necesito|gustaria)\b.*\buna?\b|\b(?:vorrei|voglio)\b.*\bun\w*\b"
        r"|\b(?:quero|queria|gostaria|preciso)\b.*\buma?\b|\bwil\b.*\been\b"
    ),
    sentences=(
        r"^(?:(?:an?|another|one more|one|quick|short|new|ein|einen|une?|una|uma|een)\s)*"
        r"(?:\d{1,3}[ -]?(?:m|min|mins|minutes?|minuten)\s)?(?:long\s)?"
        r"(?:(?:sales|support|editorial|product)\s)?"
        r"(?:meeting|mtg|appointment|appt|call|demo|slot|consultation|termin|rendez-vous|rdv"
        r"|reunion|"
        r"cita|appuntamento|riunione|reuniao|afspraak)\b(?! (?:is|was|are|were|with \w+ (?:is"
        r"|was)))"
        r"|^\d{1,3} ?(?:min|mins|minutes?) with\b"
        r"|^(?:sales|support|editorial)(?: team)?(?:$|\W+(?:on |at |next |this |tomorrow|today"
        r"|mon|tue|wed|"
        r"thu|fri|\d))"
        r"|\b(?:can|could|may) (?:i|we) (?:come|drop|pop) (?:in|by)\b"
    ),
    questions=(
        r"\b(?:suits?|works? for you|would you like|do you (?:want|prefer)|shall i|should i)\b.*"
        r"\b(?:it|that|one|time|times|slot|day|when|suits?|you|then)\b"
        r"|\b(?:which|what) (?:one|day|time|slot)|\bwhen\b|\bwhom?\b.*\bmeet\b|\bwith whom\b"
        r"|\bpasst\b|\bconvient\b|\bconviene\b|\bprefier\w*|\bpreferisc\w*|\bprefere\b|\bschikt\b"
    ),
)

MOVING = Wish(
    kind="move",
    takes_times=True,
    words=_set(
        "move reschedule postpone push delay shift change switch rebook extend shorten swap update "
        "bump slide transfer adjust alter modify amend defer prepone shove schiebe schieben "
        "verschieben verschiebe verschieb verlegen verlege umbuchen andern andere vorziehen "
        "deplacer deplacez deplace reporter reportez decaler changer avancer "
        "mover mueve mueva cambiar cambia cambie aplazar posponer reprogramar adelantar "
        "spostare sposta sposti rimandare rinviare cambiare anticipare "
        "mudar mude adiar remarcar alterar antecipar verzetten verplaatsen verplaats verschuiven"
    ),
    done=_set("moved rescheduled postponed changed pushed delayed shifted verschoben verlegt"),
    things=_MEETING | _PEOPLE,
    phrases=(
        r"\bmov(?:e|ing)\b|\breschedul\w+|\bbring\b.*\b(?:forward|up)\b|\bput\b.*\b(?:back|off"
        r"|to|on)\b"
        r"|\bmake (?:it|that|this|the \w+)\b|\bhave (?:it|that|this) (?:on|at)\b|\bverschieb\w*\b"
        r"|\b(?:zet|verzet|schuif)\b|\b(?:verleg|spost|remarc|reprogram|aplaz)\w*\b"
        r"|\b(?:can|could|see if|have|get)\b.*\b(?:my|the|our) \w+\b.*\b(?:start|begin|be|take"
        r" place)\b"
    ),
    sentences=(
        rf"{_CANNOT}|\binstead\b|\brather\b|\b(?:earlier|later|sooner)\b|\bbetter\b|\bprefer\b"
        r"|\b(?:same|next|following|previous) (?:time|day|one|week|slot)\b|\bhow about\b|\bwhat"
        r" about\b"
        r"|\bi mean[t]?\b|\bcan (?:we|i|you|it) (?:do|be)\b|\bcould (?:we|you|it) (?:do|be)\b"
        r"|\blet'?s (?:do|say|make)\b|\bprefer\w*\b|\bprefiero\b"
        r"|\b(?:want|need|like) (?:the|my) (?:meeting|call|appointment|consultation"
        r"|demo)\b.*\b(?:on|at)\b"
        r"|\b(?:lieber|stattdessen|spater|fruher|plutot|plus tard|plus tot|mejor|mas tarde|mas"
        r" temprano"
        r"|meglio|piu tardi|prima|melhor|mais tarde|mais cedo|liever|later|eerder)\b"
    ),
    questions=(
        r"\b(?:suits?|works? for you|to when|until when|what time|which (?:day|time|slot|one))\b"
        r"|\bwhen (?:would|shall|should|do|to)\b|\bpasst\b|\bconvient\b|\bconviene\b|\bschikt\b"
    ),
)

CANCELLING = Wish(
    kind="cancel",
    takes_times=True,
    words=_set(
        "cancel cancelling canceling cancellation delete remove unbook scrap scratch drop withdraw "
        "skip kill bail ditch nix axe bin void abort terminate undo revoke retract unschedule "
        "annul wipe "
        "miss absagen absage storniere stornieren streichen streiche loschen losche canceln "
        "annuler annulez annule annulation supprimer supprimez decommander "
        "cancelar cancela cancele cancelen cancelalo cancelala anular anula anule eliminar "
        "cancellare cancella cancelli annullare annulla annulli disdire disdici disdica "
        "desmarcar desmarque annuleren annuleer afzeggen afzegging schrappen"
    ),
    done=_set(
        "cancelled canceled deleted removed dropped scrapped abgesagt storniert annule geannuleerd"
    ),
    things=_MEETING | _set("sales support editorial"),
    phrases=(
        r"\bcall(?:ing)?\b.{0,40}\boff\b|\b(?:not|isn\'?t) happening\b|\bget(?:ting)? rid of\b"
        r"|\btake\b.{0,50}\boff\b|\bback out of\b|\bclear (?:my|the)\b|\bforget (?:about )?(?:my"
        r"|the)\b"
        r"|\bsag(?:e|en|t)?\b.*\bab\b|\bzeg\b.*\baf\b|\b(?:annull|disd|anul|desmarc|storn)\w*\b"
    ),
    sentences=(
        rf"{_CANNOT}|\bis off\b|\b(?:don'?t|do not|no longer|doesn'?t) (?:need|want)\b(?!.*\bto"
        rf" (?:cancel|move|book)"
        r"\b)|\bno longer (?:needed|necessary|required)\b"
        r"|\b(?:isn'?t|is not|not) (?:needed|necessary|required)\b"
        r"|\bbrauchen?\b.*\b(?:nicht|keinen)\b|\bplus besoin\b|\bya no (?:necesito|quiero)\b"
        r"|\bnon (?:mi serve|ho bisogno)\b|\bnao preciso\b|\bniet meer nodig\b"
    ),
)

CONTACT_CHANGE = Wish(
    words=_set(
        "change update correct replace edit set switch swap modify save use fix put register "
        "amend revise adjust note record "
        "andern andere aktualisieren aktualisiere ersetzen korrigieren "
        "changer changez modifier modifiez corriger actualiser "
        "cambiar cambia cambie actualizar actualiza corregir modificar "
        "cambiare aggiornare aggiorna modificare modifica correggere "
        "alterar altere mudar mude atualizar atualize wijzigen wijzig veranderen verander aanpassen"
    ),
    done=_set("changed updated corrected replaced geandert aktualisiert"),
    things=_set(
        "e-mail e-mails email emails mail phone mobile cell telephone number tel address contact "
        "details moved umgezogen adresse anschrift mailadresse telefon telefonnummer "
        "handynummer handy nummer "
        "kontaktdaten telephone numero courriel mel portable correo telefono movil direccion "
        "indirizzo cellulare telefone celular endereco adres telefoonnummer mailadres"
    ),
    phrases=r"\bmettre a jour\b|\bmettez a jour\b",
    sentences=(
        r"\b(?:is|are) now\b|\bnow (?:is|has)\b|\bnew\b|\bno longer\b|\bnot .* any ?more\b"
        r"|\bwrong\b"
        r"|\b(?:i|we)(?:'ve| have)? (?:just )?moved\b|\bneue[rsn]?\b|\bnouve(?:lle|au)\b"
        r"|\bnuev[oa]\b"
        r"|\bnuov[oa]\b|\bnov[oa]\b|\bnieuwe?\b|\bumgezogen\b|\bjetzt\b"
        r"|\b(?:reach|call|contact) me (?:on|at|under)\b|^my (?:\w+ )?\S+ (?:is|:)"
    ),
    questions=(
        r"\b(?:e-?mail|phone|number|address|contact (?:data|details))\b|\bnew one\b|\bconfirm\b"
    ),
)
