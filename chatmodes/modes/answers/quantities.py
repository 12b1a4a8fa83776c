"""When two quantities are the same: in other units, without one, or rounded."""

from chatmodes.modes.answers.numbers import Quantity
from chatmodes.modes.answers.senses import opposed
from chatmodes.modes.answers.units import may_be


def same_quantity(a: Quantity, b: Quantity) -> bool:
    """Whether two numbers are one answer, with or without their units. Symmetric; not transitive."""
    if opposed(a.senses, b.senses) or _other_noun(a, b) or _other_noun(b, a):
        return False
    if a.unit and b.unit:
        if a.unit.dimension != b.unit.dimension:
            return False
        if a.unit.factor == b.unit.factor:
            return _close(a, b, same_unit=True)
        return a.value * a.unit.factor == b.value * b.unit.factor
    unit = a.unit or b.unit
    if unit and unit.dimension == "percent":  # 50% is 0.5, and is also meant by a bare 50, but 0.5% by no 0.5
        a_value, b_value = (q.value * unit.factor if q.unit else q.value for q in (a, b))
        if any(_is_rounded(percent, exact) for percent, exact in ((a, b), (b, a))):
            return True
        return a_value == b_value or (abs(a.value) >= 1 and abs(b.value) >= 1 and _close(a, b, same_unit=True))
    return _close(a, b, same_unit=True)


def _is_rounded(percent: Quantity, exact: Quantity) -> bool:
    """Whether 66.67% stands for 2/3."""
    if not percent.unit or exact.unit or exact.decimals is not None:
        return False
    return _close(percent, exact._replace(value=exact.value / percent.unit.factor), same_unit=True)


def _other_noun(a: Quantity, b: Quantity) -> bool:
    """Whether what stands behind `a` cannot be what stands behind `b`: plain nouns may be, a noun is no unit."""
    if a.noun.startswith("per "):
        return b.noun.startswith("per ") and a.noun != b.noun
    return bool(a.noun and not a.unit and b.unit and not may_be(a.noun, b.unit))


def _close(a: Quantity, b: Quantity, same_unit: bool) -> bool:
    """Equal, or one is the other rounded or cut to at least three significant digits and two decimals."""
    if a.value == b.value:
        return True
    if not same_unit:
        return False
    for rough, exact in ((a, b), (b, a)):
        digits = rough.decimals
        if digits is None or digits < 2 or abs(rough.value) * 10**digits < 100:
            continue
        ends = exact.decimals
        if ends is not None and ends <= digits:
            continue
        scaled = exact.value * 10**digits
        if rough.value * 10**digits in (round(scaled), int(scaled)):
            return True
    return False
