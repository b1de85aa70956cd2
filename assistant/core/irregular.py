"""Owns the irregular forms of English verbs, which no stemmer brings together. Pure.

"Who sold it?" has to find "Micron sells its brand". Left out are forms that are more often another
word: "left", "saw", "lay", "wound". "Found" is a form of "find"; "founded" and "founding" are not.
"""

from __future__ import annotations

_VERBS = """
arise arose arisen
beat beaten
become became
begin began begun
bring brought
break broke broken
build built
buy bought
catch caught
choose chose chosen
come came
deal dealt
draw drew drawn
drive drove driven
fall fell fallen
feed fed
fight fought
find found
fly flew flown
forbid forbade forbidden
forget forgot forgotten
get got gotten
give gave given
go went gone
grow grew grown
hide hid hidden
hold held
keep kept
know knew known
lead led
lend lent
lose lost
make made
meet met
overtake overtook overtaken
pay paid
prove proven
ride rode ridden
rise rose risen
run ran
say said
seek sought
sell sold
send sent
shake shook shaken
shoot shot
show shown
shrink shrank shrunk
sing sang sung
sink sank sunk
speak spoke spoken
spend spent
stand stood
steal stole stolen
strike struck
swear swore sworn
take took taken
teach taught
tell told
think thought
throw threw thrown
undertake undertook undertaken
wear wore worn
win won
withdraw withdrew withdrawn
write wrote written
"""

BASES = {
    form: base
    for base, *forms in (line.split() for line in _VERBS.strip().splitlines())
    for form in forms
}
"""The verb of each irregular form."""
