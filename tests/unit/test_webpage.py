"""Pages hold models' text, and stay harmless whatever it says."""

import pytest

from chatmodes.exporting.webpage import markdown, page


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
