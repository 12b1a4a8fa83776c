"""The spellings of short answers: what is the same answer, what is not, and where in a draft it stands."""

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmodes.modes.answers.extract import short_answer
from chatmodes.modes.answers.short import ShortAnswer, read, same

SAME = [
    ["1234.5", "1,234.5", "1.234,5", "1 234,5", "1'234.50", "１２３４.５", "$1{,}234.5$", "1_234.5"],
    ["0.5", "1/2", "½", r"\frac{1}{2}", r"\dfrac12", "half", "50%", ".5", "0,5", r"\boxed{\frac{1}{2}}", r"50\%"],
    ["50%", "50 percent", "50 per cent", "50 Prozent", "50", "1/2"],
    ["1.5", "1 1/2", "1½", "one and a half", "3/2", r"1\frac{1}{2}", r"$\frac{3}{2}$"],
    [
        "$18",
        "18 dollars",
        "18",
        "$18.00",
        "USD 18",
        "US$18",
        r"\$18",
        "18 USD",
        "eighteen dollars",
        "**$18**",
        "x = 18",
    ],
    ["18", "18 eggs", "about 18", "She makes 18 per day.", "3 * 6 = 18", "= 18", "18.", "exactly 18 red marbles"],
    ["25 cents", "$0.25", "0.25 dollars"],
    ["€1.234,50", "1234.5 euros", "1 234,50 €"],
    ["1,000,000", "1 million", "one million", "10^6", "1e6", "1 × 10^6", r"1 \times 10^{6}", "100万", "1.000.000"],
    ["12,34,567", "1234567", "12.34567 lakh"],
    ["120", "一百二十", "١٢٠", "१२०", "one hundred and twenty", "one hundred twenty", "10 dozen", "120個"],
    ["١٬٢٣٤٫٥", "1234.5"],
    ["B", "(B)", "b)", "B.", "option B", "Option (b)", "B) 15", r"\text{(B)}", "b"],
    ["B) 15", "15"],
    ["yes", "Yes.", "Ja", "да", "はい", "True", "Yes, because it is", "**Yes**", "oui", "نعم"],
    ["no", "non", "Nein", "No.", "いいえ", "false", "não"],
    ["March 5, 2024", "2024-03-05", "5 March 2024", "5th of March, 2024", "Tuesday, March 5, 2024", "2024年3月5日"],
    ["5. März 2024", "5 mars 2024", "5 de marzo de 2024", "2024/3/5"],
    ["3:45 PM", "15:45", "3:45pm", "15:45 Uhr"],
    ["Paris", "paris.", "**Paris**", '"Paris"', "The capital is Paris."],
    ["the Nile", "Nile", "The Nile."],
    ["São Paulo", "sao paulo"],
    ["2, 3", "3, 2", "2 and 3", "{2,3}", "x = 2 or x = 3", "2 or 3", r"\{2, 3\}"],
    ["10 to 12", "10-12", "10–12", "from 10 to 12"],
    ["90 minutes", "1.5 hours", "1 hour 30 minutes", "90"],
    ["-5", "−5", "minus five", "negative 5", "$-5$", "- 5", r"-\text{5}", "$-$5", "(-5)", "x = - 5", "- $5$", "− 5"],
    ["-0.5", r"-\frac{1}{2}", r"$-\frac12$", r"\boxed{-\frac12}", "-½", "- ½", r"x = -\dfrac{1}{2}", r"- \frac{1}{2}"],
    ["-3/2", "-1½", r"-1\frac{1}{2}", r"\text{-}\frac{3}{2}"],
    ["Paris", "- Paris", "> Paris", "• Paris", "# Paris", "- **Paris**"],
    ["5", "# 5", "• 5", "- **5**"],
    ["B", "- B", "- (B)", "- B) 15"],
    ["1/3", "0.333", "0.3333"],
    ["12.339", "12.34"],
    ["1st", "first", "First"],
    ["12 m^2", "12 square meters", "12 m²", "12"],
    ["5 km", "5000 m", "5 kilometers"],
    ["(1, 2)", "(1,2)", r"\left(1, 2\right)"],
    ["72°", "72 degrees", r"72^\circ"],
    ["60 km/h", "60 kilometers per hour", "60"],
    ["3.5e-3", "0.0035", "3.5 × 10⁻³"],
    ["2^10", "1024"],
    ["three fifths", "3/5", "0.6", "60%"],
    ["5,200", "five thousand two hundred", "5.2 thousand", "5.2k"],
    ["sqrt(2)/2", r"\sqrt{2}/2", r"$\sqrt{2} / 2$"],
]
DIFFERENT = [
    ["- 5", "5"],
    ["(-5)", "(5)"],
    [r"-\frac{\text{3}}{4}", "3/4"],
    ["-infinity", "infinity"],
    [r"-\sqrt{2}", r"\sqrt{2}"],
    ["A", "A-", "A+"],
    ["AB+", "AB-"],
    ["Li+", "Li"],
    ["A → B", "A ← B"],
    ["sector A-5", "-5"],
    ["12 km", "12 m", "12 kg", "13", "-12", "1/12", "12%"],
    ["$5", "€5", "5%"],
    ["3 wolves and 4 sheep", "4 wolves and 3 sheep"],
    ["x=5, y=3", "x=3, y=5"],
    ["(1, 2)", "(2, 1)", "[1, 2]"],
    ["A", "B", "A+", "E. coli"],
    ["yes", "no", "No one", "No solution", "maybe"],
    ["2x", "2", "x^2"],
    ["1.5", "15", "1,500"],
    ["0.12", "0.123", "0.13"],
    ["2024-03-05", "2024-03-06", "March 2024", "2024"],
    ["3:45", "3.45", "345"],
    ["C", "C++", "C#"],
    ["1e999999", "1", "9^9^9^9"],
    ["1.2.3", "1.23", "123"],
    ["Paris", "London", "Paris Hilton"],
    ["10 to 12", "10", "12", "-2"],
]


def answer(text: str) -> ShortAnswer:
    found = read(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize("spellings", SAME, ids=lambda group: group[0])
def test_spellings_of_one_answer_are_the_same(spellings: list[str]) -> None:
    first = answer(spellings[0])
    for spelling in spellings:
        assert same(first, answer(spelling)), spelling


@pytest.mark.parametrize("spellings", DIFFERENT, ids=lambda group: group[0])
def test_different_answers_stay_apart(spellings: list[str]) -> None:
    for a, b in combinations(spellings, 2):
        assert not same(answer(a), answer(b)), (a, b)


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ("It costs 6 * 3.\nANSWER: 18", "18"),
        ("**Answer:** $18", "$18"),
        ("**ANSWER: 18**", "18"),
        ("### Final Answer\n42", "42"),
        ("Final answer:\n\n42", "42"),
        ("ANSWER: 1\nNo, wait.\nANSWER: 2", "2"),
        ("> ANSWER: 5 apples", "5"),
        ("答え\nANSWER：４２", "42"),
        (r"So \boxed{\frac{1}{2}}, since \boxed{3} was wrong? No: \boxed{\frac{3}{4}}.", "0.75"),
        (r"ANSWER: \boxed{7}", "7"),
        ("So it is six times three. ANSWER: 18", "18"),
        ("She sells 9.\n#### 18", "18"),
        ("Therefore the answer is 3.5. That is all.", "3.5"),
        ("The correct answer is **B**.", "B"),
        ("ANSWER: 1/3 of the cake", "1/3"),
        ("Sechs mal sieben.\nAntwort: 42", "42"),
        ("**Antwort:** 42", "42"),
        ("Endgültige Antwort: 42", "42"),
        ("Donc :\nRéponse : 42", "42"),
        ("Réponse finale : **42**", "42"),
        ("Respuesta: 42 manzanas", "42"),
        ("La respuesta final: 42", "42"),
        ("Шесть на семь.\nОтвет: 42", "42"),
        ("六乘以七。\n答案：42", "42"),
        ("最终答案：42", "42"),
        ("答え：42", "42"),
        ("The answer is B because the others are wrong.", "B"),
        ("The answer is 7 since 3 + 4 is.", "7"),
        ("Die Antwort ist 7, weil 3 und 4 das sind.", "7"),
        ("ANSWER: $1234.50", "$1234.50"),
    ],
)
def test_the_short_answer_is_found_in_a_draft(draft: str, shown: str) -> None:
    found = short_answer(draft)
    assert found is not None
    assert found.display == shown


@pytest.mark.parametrize(
    "draft",
    [
        "",
        "I think 42 people came.",
        "ANSWER: none",
        "Meine Antwort auf die Frage nach 42 Dingen",
        "ANSWER: <the answer>",
        "ANSWER:",
        "The answer is that people differ in many ways and it all depends on what they like to do in life.",
        "Dear reader,\nhere are 3 reasons and 4 examples.",
        "ANSWER: It depends on a great many things, among which are the weather, the season and the cost.",
    ],
)
def test_an_open_ended_draft_has_no_short_answer(draft: str) -> None:
    assert short_answer(draft) is None


@pytest.mark.parametrize(
    "text", ["x^{}", "$x^{}$", "x^()", r"\frac{}{}", r"\sqrt{}", r"\boxed{}", "^{}", "0.(0)", "1/0", "~~~~"]
)
def test_an_empty_group_is_read_as_well(text: str) -> None:
    for found in (read(text), short_answer("ANSWER: " + text)):
        assert found is None or same(found, found)


@settings(deadline=None)  # a busy machine is no failure; what is slow is found below, by the processor's clock
@given(st.text(max_size=3000))
def test_reading_never_fails(text: str) -> None:
    for found in (read(text), short_answer(text), short_answer("ANSWER: " + text)):
        if found is not None:
            assert found.key
            assert found.display
            assert same(found, found)


ANSWERISH = st.text(alphabet="0123456789.,'%$€/^-+*=()[]{}\\ abxyABfracsqrtkm\n:", max_size=60)


PIECES = st.lists(
    st.sampled_from(
        "5 -5 1/2 x y = < >= and or not - at_least ∞ ( [ ) ] , ; kg $ % per hour BC AD more less than ! pi sqrt ^ 2 : "
        "to noon h m ' \\frac12 half twenty million M √ ∈ { } | + * the is B) yes 1990s 0.5 C$ increase loss".split()
    ),
    max_size=8,
).map(lambda pieces: " ".join(pieces).replace("_", " "))


@settings(deadline=None)
@given(PIECES, PIECES)
def test_sameness_is_symmetric_for_what_looks_like_answers(a: str, b: str) -> None:
    left, right = read(a), read(b)
    if left and right:
        assert same(left, left)
        assert same(left, right) == same(right, left)


@given(ANSWERISH, ANSWERISH)
def test_sameness_is_symmetric(a: str, b: str) -> None:
    left, right = read(a), read(b)
    if left and right:
        assert same(left, right) == same(right, left)


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_a_number_is_itself_in_every_locale(number: int, decimals: int) -> None:
    english = f"{number / 10**decimals:,.{decimals}f}" if decimals else f"{number:,}"
    swapped = english.translate(str.maketrans(",.", ".,"))
    spaced = english.replace(",", "\u202f")
    plain_form = answer(english.replace(",", ""))
    forms = [english, spaced, english.replace(",", "'"), f"${english}$", f"**{english}**", f"{english} apples"]
    if english.count(",") > 1 or ("." in english and "," in english):  # one mark alone is read the English way
        forms.append(swapped)
    if english.count(",") == 1 and "." not in english and english.lstrip("-").startswith("0"):
        forms.remove(english)
    for form in forms:
        assert same(plain_form, answer(form)), form


@given(st.integers(0, 999), st.integers(0, 999))
def test_different_integers_never_merge(a: int, b: int) -> None:
    assert same(answer(str(a)), answer(str(b))) == (a == b)


@pytest.mark.parametrize(
    "bomb",
    [
        "9" * 100_000,
        "1e" + "9" * 50,
        "(" * 5000,
        "\\frac{" * 3000,
        "a " * 50_000,
        "1," * 30_000,
        "<" + "a" * 398,
        "\\boxed{" * 3000,
        "x < " * 100,
        "a or " * 80,
        "at least " * 40 + "5",
        "the is " * 50 + "x = 5",
        "5 " + "per h " * 66,
        "twenty " * 57,
        "1:" * 200,
        "{x|" * 130,
        "√(" * 200,
        ("Antwort" + " " * 50) * 300,
        "a a Antwort a " * 1400,
        "答案" * 10_000,
    ],
)
def test_a_hostile_answer_is_read_quickly(bomb: str) -> None:
    began = time.process_time()
    read(bomb)
    short_answer("ANSWER: " + bomb)
    short_answer("the answer is " + bomb)
    assert time.process_time() - began < 5, "a pattern that goes back over what it read would take minutes"
