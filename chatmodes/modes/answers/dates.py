"""Dates and times of day in the forms that answers have."""

import re
from datetime import date

_NAMES = (
    "january jan januar janvier enero",
    "february feb februar février febrero",
    "march mar märz mars marzo",
    "april apr avril abril",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet julio",
    "august aug août agosto",
    "september sep sept septembre septiembre",
    "october oct oktober octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember décembre diciembre",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.|er)?"
_MONTH = r"(?P<m>[^\W\d_]{3,10})\.?"
_YEAR = r"(?P<y>\d{4})"
_FORMS = (
    re.compile(rf"{_YEAR}[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})"),
    re.compile(rf"{_YEAR}年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日"),
    re.compile(rf"{_MONTH} {_DAY},? {_YEAR}", re.I),
    re.compile(rf"(?:the )?{_DAY} (?:of |de )?{_MONTH},? (?:de )?{_YEAR}", re.I),
    re.compile(rf"{_MONTH} {_DAY}", re.I),
    re.compile(rf"(?:the )?{_DAY} (?:of |de )?{_MONTH}", re.I),
    re.compile(rf"{_MONTH},? {_YEAR}", re.I),
)
_NUMERIC = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})")
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\.?,? (?=.)", re.I
)
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2}))?(?::(?P<s>\d{2}))? ?(?P<half>[ap]\.?m\.?)?(?: ?(?:uhr|o'clock))?", re.I
)

_NAMED = re.compile(r"(?:12(?::00)? ?|at )?(noon|midday|midnight)", re.I)


def date_keys(text: str) -> tuple[str, ...]:
    """The date as ISO keys: one, or two where day and month can be read both ways; empty where it is no date."""
    text = _WEEKDAY.sub("", text.strip())
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = int(parts["m"]) if parts["m"].isdigit() else _MONTHS.get(parts["m"].lower(), 0)
            key = _key(parts.get("y"), month, parts.get("d"))
            return (key,) if key else ()
    if found := _NUMERIC.fullmatch(text):
        both = {_key(found["y"], int(found["b"]), found["a"]), _key(found["y"], int(found["a"]), found["b"])}
        return tuple(sorted(key for key in both if key))
    return ()


def _key(year: str | None, month: int, day: str | None) -> str | None:
    try:
        date(int(year or 2000), month, int(day or 1))
    except ValueError:
        return None
    return f"{year or '-'}-{month:02}" + (f"-{int(day):02}" if day else "")


def clock_key(text: str) -> str | None:
    """A time of day as HH:MM[:SS] on the 24-hour clock; None where it is none. A bare number is none."""
    if named := _NAMED.fullmatch(text.strip()):
        return "12:00" if named[1].lower() in ("noon", "midday") else "00:00"
    found = _CLOCK.fullmatch(text.strip())
    if not found or not (found["m"] or found["half"] or text.strip().lower().endswith(("uhr", "clock"))):
        return None
    if found["m"] and "." in text and not found["half"]:
        return None  # 3.45 is a number
    hour, minute = int(found["h"]), int(found["m"] or 0)
    half = (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59 or int(found["s"] or 0) > 59:
        return None
    return f"{hour:02}:{minute:02}" + (f":{found['s']}" if found["s"] else "")
