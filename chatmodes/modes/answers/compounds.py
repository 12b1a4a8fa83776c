"""Units that are made of several: kg·m/s, J/(kg·K), "newton seconds per square meter".

Each is taken apart into powers of base units, so that kg·m/s² is N, and N·s is neither N nor s.
"""

import re
from collections import Counter
from fractions import Fraction

from chatmodes.modes.answers.unit_table import SYMBOLS, Unit, known

Powers = tuple[tuple[str, int], ...]
_BASES: dict[str, tuple[str, str]] = {
    "celsius": ("1", "kelvin"),
    "area": ("1", "length^2"),
    "volume": ("1/1000", "length^3"),
    "length/time": ("1", "length time^-1"),
    "length/volume": ("1000", "length^-2"),
    "acceleration": ("1", "length time^-2"),
    "frequency": ("1", "time^-1"),
    "force": ("1000", "mass length time^-2"),
    "energy": ("1000", "mass length^2 time^-2"),
    "torque": ("1000", "mass length^2 time^-2"),
    "power": ("1000", "mass length^2 time^-3"),
    "pressure": ("1000", "mass length^-1 time^-2"),
    "voltage": ("1000", "mass length^2 time^-3 current^-1"),
    "resistance": ("1000", "mass length^2 time^-3 current^-2"),
    "conductance": ("1/1000", "mass^-1 length^-2 time^3 current^2"),
    "charge": ("1", "current time"),
    "capacitance": ("1/1000", "mass^-1 length^-2 time^4 current^2"),
    "magnetism": ("1000", "mass time^-2 current^-1"),
    "flux": ("1000", "mass length^2 time^-2 current^-1"),
    "inductance": ("1000", "mass length^2 time^-2 current^-2"),
    "amount/volume": ("1000", "amount length^-3"),
    "data/time": ("1", "data time^-1"),
}
"""What a dimension is in base units, of which that of mass is the gram; one that is not here is a base itself."""
_UNMIXED = ("percent", "parts", "money:")
_NO_NAME = ("frequency", "celsius", "torque")
"""Dimensions that no product is called by: hertz count turns, and newton meters are a torque more often than joules."""
_FACTOR = re.compile(
    r"(?P<join>\s*[*/]\s*\(?|\s+per\s+|\s+|-)?(?P<name>[^\W\d_]+|°[CFK]?)"
    r"(?:\^\(?(?P<power>-?[1-9])(?!\d)\)?)?(?P<close>\))?",
    re.I,
)
MOST = 6
"""Units in one product."""


def compound(words: str) -> tuple[Unit, str] | None:
    """The product of at least two units that `words` begin with, and the words behind it; None where they do not.

    What follows a stroke or "per" is below it to the end, as in J/kg·K.
    """
    factors: list[tuple[Unit, int]] = []
    at, is_below, is_open, shown = 0, False, False, ""
    while len(factors) < MOST and (found := _FACTOR.match(words, at)):
        join = (found["join"] or "").strip().lower()
        unit = SYMBOLS["coulomb"] if found["name"] == "C" else known(found["name"])
        if unit is None or unit.dimension.startswith(_UNMIXED):
            if join not in ("", "-", "per"):
                return None
            break
        begins_below = join[:1] == "/" or join == "per"
        if bool(found["join"]) != bool(factors):
            break
        goes_on = is_below or bool(found["power"]) or words[found.end() : found.end() + 1] in ("/", "*")
        if factors and not join and not _may_be_joined(found["name"], unit, goes_on):
            break
        is_below, is_open = is_below or begins_below, is_open or join.endswith("(")
        factors.append((unit, int(found["power"] or 1) * (-1 if is_below else 1)))
        shown += ("/" if begins_below else "*" if factors[1:] else "") + ("C" if found["name"] == "C" else unit.symbol)
        shown += f"^{found['power']}" if found["power"] else ""
        at = found.end()
        if found["close"]:
            if not is_open:
                return None
            is_open = False
    if is_open or not factors or (len(factors) == 1 and factors[0][1] == 1):
        return None
    return _product(factors, shown), words[at:]


def _may_be_joined(name: str, unit: Unit, goes_on: bool) -> bool:
    """Whether a unit may be multiplied with what stands a blank before it: "5 km N" goes north."""
    if name.lower() in ("in", "us", "a", "at") or unit.dimension == "months":
        return False
    is_symbol = name in SYMBOLS and (goes_on or len(name) > 1 or name.islower() or name in "AV")
    return is_symbol or len(name) > 3


def _product(factors: list[tuple[Unit, int]], shown: str) -> Unit:
    total, powers = Fraction(1), Counter[str]()
    for unit, power in factors:
        scale, bases = _bases(unit.dimension)
        total *= (unit.factor * scale) ** power
        for base, times in bases:
            powers[base] += times * power
    left = _sorted(powers)
    if sorted((unit.dimension, power) for unit, power in factors) == [("force", 1), ("length", 1)]:
        return Unit("torque", total / _bases("torque")[0], shown)
    for dimension in _BASES:
        scale, bases = _bases(dimension)
        if bases == left and dimension not in _NO_NAME:
            return Unit(dimension, total / scale, shown)
    if len(left) == 1 and left[0][1] == 1:
        return Unit(left[0][0], total, shown)
    return Unit("*".join(f"{base}^{times}" for base, times in left), total, shown)


def _bases(dimension: str) -> tuple[Fraction, Powers]:
    scale, written = _BASES.get(dimension, ("1", dimension.replace(" ", "_")))
    powers: Counter[str] = Counter()
    for base in written.split():
        name, _, power = base.partition("^")
        powers[name] += int(power or 1)
    return Fraction(scale), _sorted(powers)


def _sorted(powers: Counter[str]) -> Powers:
    return tuple(sorted((base, times) for base, times in powers.items() if times))
