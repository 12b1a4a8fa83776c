"""Units of measurement, as far as answers to questions use them.

A unit is a dimension and a factor to that dimension's base, so that 90 minutes are 1.5 hours. Words that are no unit
("apples", "students", and "pounds", which are money or mass) are nouns behind a number and carry no meaning here.
"""

from fractions import Fraction
from typing import NamedTuple


class Unit(NamedTuple):
    """What is measured, how much of the base unit this is, and the symbol to show."""

    dimension: str
    factor: Fraction
    symbol: str


_TABLE: dict[str, list[tuple[str, str]]] = {
    "length": [
        ("0.001", "mm millimeter millimetre"),
        ("0.01", "cm centimeter centimetre zentimeter"),
        ("1", "m meter metre mètre metro"),
        ("1000", "km kilometer kilometre kilomètre kilómetro"),
        ("0.0254", "in inch inches"),
        ("0.3048", "ft foot feet"),
        ("0.9144", "yd yard"),
        ("1609.344", "mi mile"),
    ],
    "mass": [
        ("0.001", "mg milligram"),
        ("1", "g gram gramme gramm"),
        ("1000", "kg kilogram kilo kilogramm"),
        ("1000000", "t tonne"),
        ("453.59237", "lb lbs"),
        ("28.349523125", "oz ounce"),
    ],
    "time": [
        ("0.001", "ms millisecond"),
        ("1", "s sec second sekunde"),
        ("60", "min minute"),
        ("3600", "h hr hrs hour stunde heure hora"),
        ("86400", "day tag jour día"),
        ("604800", "week wk"),
    ],
    "months": [("1", "month"), ("12", "year yr")],
    "volume": [
        ("0.001", "ml milliliter millilitre"),
        ("1", "l liter litre"),
        ("1000", "m^3 cubic_meter cubic_metre"),
        ("0.001", "cm^3 cubic_centimeter"),
        ("3.785411784", "gal gallon"),
        ("0.946352946", "qt quart"),
        ("0.473176473", "pint"),
        ("0.2365882365", "cup"),
    ],
    "area": [
        ("0.0001", "cm^2 square_centimeter square_centimetre"),
        ("1", "m^2 square_meter square_metre sqm"),
        ("1000000", "km^2 square_kilometer square_kilometre"),
        ("0.09290304", "ft^2 square_foot square_feet"),
        ("0.00064516", "in^2 square_inch square_inches"),
        ("10000", "ha hectare"),
    ],
    "speed": [
        ("1", "m/s meter_per_second metre_per_second"),
        ("5/18", "km/h kph kmh kilometer_per_hour kilometre_per_hour"),
        ("0.44704", "mph mile_per_hour"),
    ],
    "celsius": [("1", "°C degree_celsius celsius")],
    "fahrenheit": [("1", "°F degree_fahrenheit fahrenheit")],
    "kelvin": [("1", "K kelvin")],
    "angle": [("1", "° degree deg")],
    "money:USD": [("1", "$ usd us$ dollar"), ("0.01", "¢ cent")],
    "money:EUR": [("1", "€ eur euro")],
    "money:GBP": [("1", "£ gbp"), ("0.01", "p pence")],
    "money:JPY": [("1", "¥ jpy yen 円")],
    "money:INR": [("1", "₹ inr rupee")],
    "percent": [("0.01", "% percent prozent pct")],
}
_PER_CENT = {"per cent": "percent", "pour cent": "percent", "por ciento": "percent", "per hundred": "percent"}


def _index() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for dimension, rows in _TABLE.items():
        for factor, names in rows:
            symbol, *_ = names.split()
            unit = Unit(dimension, Fraction(factor), symbol)
            for name in names.split():
                plain = name.replace("_", " ")
                units.setdefault(plain.lower() if len(plain) > 1 else plain, unit)
                if len(plain) >= 3:
                    head, per, tail = plain.partition(" per ")
                    units.setdefault(f"{head}s{per}{tail}", unit)
    return units


UNITS = _index()
SIGNS = "$€£¥₹"


def unit_of(words: str) -> Unit | None:
    """The unit that `words` begin with, longest name first ("square meters of carpet"); None for plain nouns."""
    words = words.strip(" .,;")
    if words in UNITS:
        return UNITS[words]
    lowered = words.lower()
    for phrase, name in _PER_CENT.items():
        if lowered.startswith(phrase):
            return UNITS[name]
    tokens = lowered.split()
    if tokens[:1] == ["us"]:  # "US dollars"
        tokens = tokens[1:]
    for size in range(min(4, len(tokens)), 0, -1):
        name = " ".join(tokens[:size]).strip(".,;")
        if len(name) == 1 and size < len(tokens) and name.isalpha():
            continue  # "5 m long" is a length, "5 s of them" is not: single letters count only alone
        if name in UNITS:
            return UNITS[name]
    return None
