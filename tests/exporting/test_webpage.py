"""Pages hold models' text, and stay harmless whatever it says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.exporting.formulas import formula
from chatmodes.exporting.rendering import markdown
from chatmodes.exporting.webpage import page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '[x](https://a.example/"onmouseover="alert(1))',
        "<svg/onload=alert(1)>",
        "```html\n</code></pre><script>alert(1)</script>\n```",
        "| a |\n|---|\n| <b onclick=x> |",
    ],
)
def test_no_element_or_handler_of_the_model_gets_through(hostile: str) -> None:
    html = markdown(hostile)
    for raw in ("<script", "<img", "<svg", "<b ", 'href="javascript', '" onmouseover', '"onmouseover'):
        assert raw not in html


@pytest.mark.parametrize(
    "hostile",
    [
        r"$\text{<script>alert(1)</script>}$",
        r"$$\href{javascript:alert(1)}{x_1}$$",
        r"$$\style{background:url(https://a.example)}{x}$$",
        r"$$\class{card}{x} \id{main}{y}$$",
        r"\(x &lt;script&gt; y\)",
        r"$$\mathrm{&amp;lt;img src=x onerror=alert(1)&amp;gt;}$$",
        "```py&quot;onclick=x\na\n```",
        '```"><script>\na\n```',
        "- [x](javascript:alert(1))",
    ],
)
def test_no_formula_code_or_task_lets_anything_through(hostile: str) -> None:
    html = markdown(hostile)
    for raw in ("<script", "<img", "href=", "style=", 'class="card"', "id=", '"onclick', 'onclick="'):
        assert raw not in html


@given(
    st.lists(
        st.sampled_from([*"\\{}^_&$<>\"' ax", r"\frac", r"\text{", r"\begin{array}", r"\left(", "&lt;"]), max_size=20
    )
)
def test_whatever_stands_in_a_formula_only_a_formula_comes_of_it(pieces: list[str]) -> None:
    html = formula(f"$${''.join(pieces)}$$")
    assert not re.sub(r"</?(?:math|m[a-z]+|none|code)(?: [a-z]+=\"[^\"<>]*\")*>|[^<>]", "", html)


def test_formulas_are_set_and_money_is_left_alone() -> None:
    html = markdown("Inline $E = mc^2$, \\(a_1\\), $5 and $6.\n\n$$\n\\frac{1}{2}\n$$")
    assert html.count("<math") == 3
    assert (
        '<math display="block"><mrow><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac></mrow></math>'
        in html
    )
    assert "$5 and $6" in html


@pytest.mark.parametrize(
    "source", [r"$$\frac{1}$$", r"$$\left( x$$", "$$x_1_2$$", "$$" + "{" * 300 + "x" + "}" * 300 + "$$"]
)
def test_a_formula_that_cannot_be_set_is_shown_as_its_source(source: str) -> None:
    assert markdown(source) == f"<p><code>{source}</code></p>\n"


def test_code_has_colours_in_a_language_that_is_known_and_is_whole_in_any_other() -> None:
    assert '<span class="k">def</span>' in markdown("```python\ndef f(): ...\n```")
    assert '<span class="gd">- old</span>' in markdown("```diff\n- old\n+ new\n```")
    assert "<code>a &lt; b\n</code>" in markdown("```nosuch\na < b\n```")
    assert "<code>\n\n  a\n\n</code>" in markdown("```\n\n\n  a\n\n```")


def test_only_a_page_with_code_has_the_styles_of_code() -> None:
    assert ".code .k " in page("t", markdown("```python\nx\n```"))
    assert ".code .k " not in page("t", markdown("`x`"))


def test_tasks_are_boxes() -> None:
    html = markdown("- [x] done\n- [ ] *open*\n- [X](https://a.example)\n- plain [x]")
    assert html.count("<input") == 2
    assert '<input type="checkbox" disabled checked> done' in html
    assert '<input type="checkbox" disabled> <em>open</em>' in html


@pytest.mark.parametrize("mark", ["[", "*a ", "_a", "<", "&", "$x", "\\(", "$$a"])
def test_a_paragraph_of_marks_is_plain_text(mark: str) -> None:
    assert markdown(mark * 20_000).count("<") <= 4


def test_headings_stand_below_those_of_the_page() -> None:
    assert markdown("# a\n\nb\n===\n\n##### c") == "<h3>a</h3>\n<h3>b</h3>\n<h6>c</h6>\n"


def test_an_image_becomes_a_link() -> None:
    assert markdown("![a cat](https://a.example/cat.png)") == (
        '<p><a href="https://a.example/cat.png" rel="noopener">a cat</a></p>\n'
    )


def test_a_page_forbids_scripts_and_remote_content_and_escapes_its_title() -> None:
    html = page("</title><script>", "")
    assert "default-src 'none'" in html
    assert "<script" not in html


def test_deep_nesting_stays_small() -> None:
    assert len(markdown(">" * 10_000 + " deep")) < 100_000
