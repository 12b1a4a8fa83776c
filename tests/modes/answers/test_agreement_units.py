"""What stands beside a number and makes it another answer: units, money, opposites; and what does not."""

from itertools import combinations

import pytest

from chatmodes.modes.answers.short import ShortAnswer, read, same

SAME = [
    ["$1.5M", "$1.5 million", "$1,500,000", "1.5M", "$1.5 M"],
    ["1h 30m", "90 minutes", "1 h 30 min", "1h30m", "1 hour 30 minutes", "1.5 hours", "1 hr, 30 mins"],
    ["5'6\"", "5 feet 6 inches", "5 ft 6 in", "66 inches", "5′6″", "5' 6\"", "5.5 ft"],
    ["noon", "12:00", "12 PM", "midday", "12 noon", "12:00 noon"],
    ["midnight", "00:00", "12 AM", "24:00"],
    ["25 degrees Celsius", "25°C", "25 °C", "25 degrees C", "25 C"],
    ["3:2", "3 to 2", "3 : 2"],
    ["2:3", "2 to 3"],
    ["√2", r"\sqrt{2}", "sqrt(2)", "√(2)", r"$\sqrt2$"],
    ["2√3", r"2\sqrt{3}"],
    ["1{,}000", "1000", "1,000"],
    [",5", "0.5", ".5", "0,5"],
    [r"0.75\pi", r"\frac34\pi", "3π/4", r"\frac{3\pi}{4}", "0.75π", "3/4 pi", r"\frac{3}{4} \pi"],
    ["π", r"\pi", "1pi"],
    ["Mon, July 4", "July 4", "Monday, July 4", "4 July", "Mon. July 4"],
    ["18 eggs", "18", "18 apples", "18 fresh duck eggs", "18 in total", "18 per day", "18 of them", "18 more"],
    ["5 GB", "5 gb", "5 gigabytes", "5", "5000 MB"],
    ["5 kHz", "5000 Hz", "5 kilohertz"],
    ["5 MW", "5000 kW", "5 megawatts"],
    ["3 km/s", "3000 m/s", "3 kilometers per second"],
    ["10 acres", "10"],
    ["2 kcal", "2000 calories"],
    ["C$5", "5 CAD", "CAD 5", "$5 CAD", "5 Canadian dollars"],
    ["5 pounds", "£5"],
    ["5 pounds", "5 lb"],
    ["$5 per hour", "$5/hour", "$5 an hour", "$5"],
    ["a profit of $5", "$5 profit", "$5"],
    ["10%", "10% increase", "an increase of 10%"],
    ["500 BC", "500 BCE", "500 B.C."],
    ["AD 500", "500 AD", "500"],
    ["1984", "nineteen eighty-four"],
    ["2020", "twenty twenty"],
    ["125", "one hundred twenty-five", "one hundred and twenty-five"],
    ["Python 3.1", "3.1"],
    ["8B", "8 billion"],
    ["300 K", "300 kelvin"],
    ["10 apples!", "10"],
    ["She has 10!", "10"],
]
DIFFERENT = [
    ["$1.5M", "$1.50", "$1.5B"],
    ["1h 30m", "30 m", "1.3 h"],
    ["noon", "midnight"],
    ["3:2", "2:3", "3/2"],
    ["√2", "2", "√3"],
    ["π", "2π", "-π", "π/2", "3.14159"],
    [r"\pi^2", r"2\pi"],
    [",5", "5"],
    ["5 GB", "5 MB", "5 Gb", "5 eggs"],
    ["5 Hz", "5 kHz"],
    ["5 mW", "5 MW", "5 W", "5 V", "5 N", "5 J", "5 A", "5 Pa"],
    ["5 mol", "5 g", "5 mmol"],
    ["5 m/s", "5 km/s", "5 m", "5 m/s^2"],
    ["5 cal", "5 kcal"],
    ["5 acres", "5 hectares"],
    ["5 cups", "5 teaspoons", "5 tablespoons", "5 eggs"],
    ["5 USD", "5 CAD", "5 AUD", "€5", "5 rubles", "5 pesos", "5 yuan"],
    ["C$5", "$5", "A$5"],
    ["$5 per hour", "$5 per day"],
    ["5 pounds", "5 kg", "5 dollars"],
    ["500 BC", "500 AD"],
    ["500 BC", "500"],
    ["10% increase", "10% decrease"],
    ["5 north", "5 south"],
    ["5 miles north", "5 miles south"],
    ["45°N", "45°S"],
    ["a profit of $5", "a loss of $5"],
    ["$5 profit", "$5 loss"],
    ["5 up", "5 down"],
    ["5 more", "5 fewer"],
    ["10% increase, 5 km", "10% decrease, 5 km"],
    ["10!", "10", "5!/3!", "5!", "5/3!"],
    ["version 3.10", "version 3.1"],
    ["Python 3.10", "Python 3.1"],
    ["5 in total", "12.7 cm"],
    ["1990s", "1990"],
    ["1990s", "1990 seconds"],
    ["in the 1990s", "in 1990"],
    ["nineteen eighty-four", "103"],
    ["one two three", "6", "1"],
    ["nineteen oh five", "19"],
    ["CO", "Co"],
    ["5 X", "5 Y", "5"],
    ["300 K", "300000"],
]


def answer(text: str) -> ShortAnswer:
    found = read(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize("spellings", SAME, ids=lambda group: group[0])
def test_what_carries_no_meaning_keeps_nothing_apart(spellings: list[str]) -> None:
    first = answer(spellings[0])
    for spelling in spellings:
        assert same(first, answer(spelling)), spelling


@pytest.mark.parametrize("spellings", DIFFERENT, ids=lambda group: group[0])
def test_what_carries_meaning_keeps_answers_apart(spellings: list[str]) -> None:
    for a, b in combinations(spellings, 2):
        assert not same(answer(a), answer(b)), (a, b)


@pytest.mark.parametrize(
    "text", ["10 to 12", "1 h 30 min", "3:2", "10% increase", "$5 loss", "0.75 pi", "1/3 pi", "5 GB"]
)
def test_what_is_shown_reads_as_the_same_answer(text: str) -> None:
    assert same(answer(text), answer(answer(text).display))
