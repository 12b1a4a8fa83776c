"""Words that turn a number into its opposite: 500 BC is not 500 AD, and a loss of $5 no profit of $5.

Nouns beside a number carry no meaning ("18 eggs" is 18); these few do. A number without such a word goes with either,
since the question mostly says which is meant.
"""

import re

_AXES = (
    (
        "increase increased increases increasing rise rises rose risen gain gains gained grew grown growth up upward "
        "upwards profit profits surplus win wins deposit deposited",
        "decrease decreased decreases decreasing fall falls fell fallen loss losses lose loses lost shrank shrunk down "
        "downward downwards drop dropped drops decline declined reduction reduced deficit withdrawal withdrew",
    ),
    ("ad ce", "bc bce"),
    ("north northward northern", "south southward southern"),
    ("east eastward eastern", "west westward western"),
    ("left", "right"),
    ("more", "less fewer"),
    ("excess", "lack"),
    ("forward forwards", "back backward backwards"),
    ("extra", "short"),
    ("positive", "negative"),
    ("even", "odd"),
    ("hearts", "spades", "diamonds", "clubs"),
    ("above over", "below beneath under"),
    ("before earlier early ago", "after later late"),
    ("older elder", "younger"),
    ("taller longer", "shorter"),
    ("faster quicker", "slower"),
    ("fast", "slow"),
    ("warmer hotter", "colder cooler"),
    ("heavier", "lighter"),
    ("larger bigger greater", "smaller"),
    ("discount", "markup surcharge"),
    ("clockwise", "counterclockwise anticlockwise counter-clockwise anti-clockwise"),
    ("boy boys", "girl girls"),
    ("man men male males", "woman women female females"),
    ("buy bought buys", "sell sold sells"),
    ("credit", "debit"),
    ("inside", "outside"),
)
_POLES = {
    word: (axis, pole) for axis, both in enumerate(_AXES) for pole, words in enumerate(both) for word in words.split()
}
_BC = _POLES["bc"]
_COMPASS_AXES = frozenset((_POLES["north"][0], _POLES["east"][0]))
_COMPASS = {"n": "north", "s": "south", "e": "east", "w": "west"}
_BETWEEN = re.compile(r"\b(?:([NS])([EW])|([Nn]orth|[Ss]outh)-?(east|west))(?:ern|ward|wards)?\b")
_TOO = {"too many": "excess", "too much": "excess", "too few": "lack", "too little": "lack"}
_SIGN = re.compile(r"^(?:positive|negative)\b")
"""Of "negative five", which the number says itself."""
_AHEAD = re.compile(r"in (?:about |another )?(?:an? |\d[\d.,]*)\s?[a-z]")
"""What is due in two weeks was not two weeks ago."""
_WORD = re.compile(r"[^\W\d_]+(?:-(?=clock)[^\W\d_]+)*")


def senses(text: str) -> tuple[str, ...]:
    """The words of `text` that choose a side, one for each pair of opposites of which it names but one."""
    text = _BETWEEN.sub(lambda m: " ".join(_COMPASS.get(side.lower(), side) for side in m.groups() if side), text)
    plain = re.sub(r"°\s*([nsew])\b", lambda m: f" {_COMPASS[m[1]]}", text.lower().replace(".", ""))
    plain = _SIGN.sub("", plain)
    plain = plain.replace("from now", "later")
    for said, word in _TOO.items():
        plain = plain.replace(said, word)
    if _AHEAD.match(plain):
        plain += " later"
    named: dict[int, dict[int, str]] = {}
    for word in _WORD.findall(plain):
        if found := _POLES.get(word):
            named.setdefault(found[0], {})[found[1]] = _AXES[found[0]][found[1]].split()[0]
    return tuple(word for poles in named.values() if len(poles) == 1 for word in poles.values())


def opposed(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one says the contrary of the other, or goes another way. A year before Christ is never left to the
    question."""
    sides = dict(_POLES[word] for word in a)
    others = dict(_POLES[word] for word in b)
    way, other_way = ({(axis, on[axis]) for axis in _COMPASS_AXES & on.keys()} for on in (sides, others))
    if way and other_way and way != other_way:
        return True
    if (sides.get(_BC[0]) == _BC[1]) != (others.get(_BC[0]) == _BC[1]):
        return True
    return any(axis in sides and sides[axis] != pole for axis, pole in others.items())
