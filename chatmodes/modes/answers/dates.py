"""Dates and times of day in the forms that answers have, in the languages whose months are known."""

import re
from datetime import date

from chatmodes.modes.answers.languages import months
from chatmodes.modes.answers.words import from_cjk, from_words

_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.|er|º|°)?"
_MONTH = r"(?P<m>[^\d\s.,/-]{2,14})\.?"
_YEAR = r"(?P<y>\d{4})(?: ?(?:г\.?|года|року|р\.|r\.))?"
_OF = r"(?:of |de |do |del |ng |den |le |η |το )?"
_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>0[1-9]|1[0-2])"),
    re.compile(r"--(?P<m>\d{2})-(?P<d>\d{2})"),  # without its year, as the key has it
    re.compile(r"(?P<m>0[1-9])/(?P<y>[12]\d{3})"),
    re.compile(r"(?P<m>1[0-2])/(?P<y>19\d\d|20[0-3]\d)"),  # 11/1024 is a probability
    re.compile(r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월](?: ?(?P<d>\d{1,2}) ?[日일号號])?"),
    re.compile(r"(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日일号號]"),
    re.compile(r"(?:ngày )?(?P<d>\d{1,2}) tháng (?P<m>\d{1,2})(?:,? năm (?P<y>\d{4}))?", re.I),
    re.compile(r"tháng (?P<m>\d{1,2})(?: năm|,|/) ?(?P<y>\d{4})", re.I),
    re.compile(r"(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\. ?(?P<y>\d{4})"),  # written with points, the day comes first
    re.compile(rf"{_MONTH} {_DAY},? {_YEAR}", re.I),
    re.compile(rf"(?:the |am |le |el |il |em )?{_DAY} {_OF}{_MONTH},? {_OF}{_YEAR}", re.I),
    re.compile(rf"{_MONTH} {_DAY}", re.I),
    re.compile(rf"(?:the |am |le |el |il |em )?{_DAY} {_OF}{_MONTH}", re.I),
    re.compile(rf"{_MONTH},? {_OF}{_YEAR}", re.I),
)
_NUMERIC = re.compile(r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})[-/](?P<y>\d{4})")
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo)\.?,? (?:(?:den|der|the|le|el) )?(?=.)",
    re.I,
)
_HAN = re.compile(r"[〇零一二三四五六七八九十]{1,6}(?=[年月日号號时時点點分])")
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2}))?(?::(?P<s>\d{2}))? ?(?P<half>[ap]\.?m\.?)?(?: ?(?:uhr|o'clock|h))?", re.I
)
_CLOCK_ENDS = ("uhr", "clock")
_EASTERN_CLOCK = re.compile(
    r"(?P<half>上午|下午|午前|午後|오전|오후|早上|晚上)? ?(?P<h>\d{1,2}) ?[时時点點시]"
    r"(?: ?(?P<m>\d{1,2}) ?[分분]| ?(?P<past>半|반))?"
)
_AFTERNOON = frozenset({"下午", "午後", "오후", "晚上"})
_ZONE = re.compile(
    r"(?P<clock>.*\S)\s?\(?\b(?P<zone>(?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?|[ECMP][SD]?T|AK[SD]T|A[EC][SD]T|HST|BST"
    r"|(?:CE|EE|WE)S?T|IST|JST|KST|MSK|SGT|HKT|NZ[SD]T)\)?"
)
"""A time in another zone is another time; one without may be meant in any."""
_HOUR = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_HALF = r"(?P<rest>(?: ?[ap]\.?m\.?| in the (?:morning|afternoon|evening)| at night)?)"
_SPOKEN = re.compile(
    rf"(?:(?:a )?(?P<part>quarter|half)|(?P<minutes>[a-z]+(?:[ -]five)?|\d{{1,2}})(?P<said> minutes?)?)"
    rf" (?P<side>past|after|to|before|till) (?P<hour>{_HOUR}|\d{{1,2}}){_HALF}",
    re.I,
)
_HOUR_WORD = re.compile(
    rf"(?P<hour>{_HOUR})(?P<minutes>[ -](?:fifteen|thirty|forty[ -]five))?(?: (?P<clock>o'clock))?{_HALF}", re.I
)
_MINUTES = {"fifteen": 15, "thirty": 30, "forty five": 45}
_NAMED = re.compile(r"(?:12(?::00)? ?|at )?(noon|midday|midnight)", re.I)


def date_key(text: str) -> str | None:
    """The date as an ISO key, with what is left out as "-"; None where it is no date.

    Where day and month can be read both ways the key is the text's own: it is equal to itself, and to neither reading.
    """
    text = _HAN.sub(_arabic, _WEEKDAY.sub("", text.strip()))
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = int(parts["m"]) if parts["m"].isdigit() else months().get(parts["m"].lower(), 0)
            return _key(parts.get("y"), month, parts.get("d"))
    if found := _NUMERIC.fullmatch(text):
        both = {_key(found["y"], int(found["b"]), found["a"]), _key(found["y"], int(found["a"]), found["b"])} - {None}
        return both.pop() if len(both) == 1 else f"{int(found['a'])}/{int(found['b'])}/{found['y']}" if both else None
    return None


def _arabic(found: re.Match[str]) -> str:
    value = from_cjk(found[0])
    return found[0] if value is None else str(value)


def _key(year: str | None, month: int, day: str | None) -> str | None:
    try:
        date(int(year or 2000), month, int(day or 1))
    except ValueError:
        return None
    return f"{year or '-'}-{month:02}" + (f"-{int(day):02}" if day else "")


def clock_key(text: str) -> str | None:
    """A time of day as HH:MM[:SS] on the 24-hour clock, and its zone where it has one; None where it is none. A bare
    number is none."""
    text = text.strip()
    if (zoned := _ZONE.fullmatch(text)) and (bare := clock_key(zoned["clock"])):
        return f"{bare} {re.sub('GMT', 'UTC', zoned['zone'])}"
    text = _in_digits(text)
    if named := _NAMED.fullmatch(text):
        return "12:00" if named[1].lower() in ("noon", "midday") else "00:00"
    if eastern := _EASTERN_CLOCK.fullmatch(_HAN.sub(_arabic, text)):
        return _eastern(eastern)
    found = _CLOCK.fullmatch(text)
    if not found or not (found["m"] or found["half"] or text.lower().endswith(_CLOCK_ENDS)):
        return None
    if found["m"] and "." in text and not found["half"] and not text.lower().endswith(_CLOCK_ENDS):
        return None  # 3.45 is a number
    half = (found["half"] or "").lower()
    if half and not 1 <= int(found["h"]) <= 12:
        return None
    hour = int(found["h"]) % 12 + (12 if half.startswith("p") else 0) if half else int(found["h"])
    return _time(hour, int(found["m"] or 0), found["s"])


def _in_digits(text: str) -> str:
    """ "Quarter past three" as 3:15, and "seven thirty pm" as 7:30 pm; other texts as they are.

    "Ten to twelve" may be a range, so that such a time needs more minutes than a clock has hours, or the word.
    """
    if found := _SPOKEN.fullmatch(text):
        value = {"quarter": 15, "half": 30}.get((found["part"] or "").lower()) or _number(found["minutes"])
        hour, is_before = _number(found["hour"]), found["side"].lower() in ("to", "before", "till")
        is_clear = found["part"] or found["said"] or found["side"].lower() == "past" or (value or 0) > 12
        if not value or not hour or not 0 < value < 60 or not hour <= 12 or not is_clear:
            return text
        if is_before:
            hour, value = (hour - 2) % 12 + 1, 60 - value
        return f"{hour}:{value:02}{_half(found['rest'])}"
    if (found := _HOUR_WORD.fullmatch(text)) and (found["clock"] or found["rest"]):
        minutes = _MINUTES.get((found["minutes"] or "").strip(" -").replace("-", " ").lower(), 0)
        return f"{_number(found['hour'])}:{minutes:02}{_half(found['rest'])}"
    return text


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    read = from_words(re.split("[ -]", word.lower()))
    return int(read[0]) if read and read[0].denominator == 1 else None


def _half(rest: str) -> str:
    rest = rest.strip().lower()
    return "" if not rest else " am" if "morning" in rest or (rest[0] == "a" and rest != "at night") else " pm"


def _eastern(found: re.Match[str]) -> str | None:
    half, hour = found["half"], int(found["h"])
    if not half and not found["m"] and not found["past"]:
        return None  # 3点 are points as well
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return _time(hour, 30 if found["past"] else int(found["m"] or 0), None)


def _time(hour: int, minute: int, second: str | None) -> str | None:
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return None
    return f"{hour:02}:{minute:02}" + (f":{second}" if second else "")
