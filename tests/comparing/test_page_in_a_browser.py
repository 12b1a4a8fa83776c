"""The published comparison in a real browser, with hostile text in it, on a phone and on a desktop."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chatmodes import events as ev
from chatmodes.comparing.report import Column, as_html
from chatmodes.folding import RunView, fold

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="a real browser needs Debian's package chromium")

HOSTILE = """\
<script>document.title = "owned"</script> <img src=x onerror="document.title='owned'">
[a link](javascript:document.title='owned') ![pixel](https://evil.example/p.png) \x1b]0;owned\x07 \u202eback

</section></main><h1>Not ours</h1> [good](https://example.org/)

| a | b |
|---|---|
| <b onmouseover="document.title='owned'">x</b> | """ + "long" * 200 + """ |

```html
</code></pre><script>document.title = "owned"</script>
```

""" + "unbroken" * 100  # fmt: skip


def column(mode: str, answer: str) -> Column:
    view = RunView()
    fold(view, ev.RunStarted(run="r", at=0.0, mode=mode, prompt="?", plan=ev.Plan(())))
    fold(
        view,
        ev.RunFinished(
            run="r", at=1.0, method="single", answer=answer, usage=ev.Usage(1, 2), cost=0.01, seconds=1.0,
            planned=1, survived=1,
        ),
    )  # fmt: skip
    return Column(mode, "x/<script>", view)


def browse(page: Path, *arguments: str) -> str:
    assert CHROMIUM is not None
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    flags += " --disable-component-update --disable-sync --hide-scrollbars"
    profile = f"--user-data-dir={page.parent / 'profile'}"
    command = [CHROMIUM, *flags.split(), profile, *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(as_html([("Why <b>bold</b>?", [column("instant", HOSTILE), column("thinking", "plain words")])]))
    return path


def test_hostile_text_is_text_in_the_browsers_own_tree(page: Path) -> None:
    tree = browse(page, "--dump-dom")
    title = re.search(r"<title>(.*?)</title>", tree)
    assert title is not None
    assert "owned" not in title[1]
    assert not re.search(r"<(script|img|iframe|svg|b)[\s>]", tree), "no element of the model's"
    assert not re.search(r"<[^>]*\son\w+=", tree), "no handler"
    assert set(re.findall(r'href="(\w+):', tree)) == {"https"}
    assert tree.count("<h1") == 1
    assert "\x1b" not in tree
    assert "\u202e" not in tree


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_window(page: Path, width: int) -> None:
    """A frame of a phone's or a desktop's width; the browser itself says how wide the page inside it became."""
    frame = page.parent / "frame.html"
    measure = (
        "onload=()=>{const d=f.contentDocument.documentElement;"
        "const c=f.contentDocument.querySelectorAll('.columns .card');"
        "document.title=d.scrollWidth+' '+(c[0].getBoundingClientRect().top===c[1].getBoundingClientRect().top)}"
    )
    body = f'<iframe id="f" src="page.html" width="{width}" height="800" style="border:0"></iframe>'
    frame.write_text(f"<!doctype html><title>?</title>{body}<script>{measure}</script>")
    tree = browse(frame, "--allow-file-access-from-files", "--dump-dom")
    title = re.search(r"<title>(\d+) (\w+)</title>", tree)
    assert title is not None, tree[:500]
    assert int(title[1]) <= width
    assert title[2] == ("true" if width > 1000 else "false"), "side by side on a desktop, below each other on a phone"


TABLE = """\
| internationalisation | characterisation | responsibilities | acknowledgement |
|---|---|---|---|
| internationalisation | characterisation | responsibilities | acknowledgement |

$$\\frac{1}{2}$$
"""


def test_words_in_tables_are_whole_on_a_phone_and_formulas_are_set(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(as_html([("?", [column("instant", TABLE)])]))
    measure = (
        "onload=()=>{const d=f.contentDocument;const lines=[...d.querySelectorAll('td')].map(c=>{"
        "const r=d.createRange();r.selectNodeContents(c);return r.getClientRects().length});"
        "const top=e=>e.getBoundingClientRect().top,m=d.querySelector('mfrac');"
        "document.title=Math.max(...lines)+' '+(top(m.lastChild)>top(m.firstChild))"
        "+' '+(d.documentElement.scrollWidth<=390)}"
    )
    body = '<iframe id="f" src="page.html" width="390" height="800" style="border:0"></iframe>'
    (tmp_path / "frame.html").write_text(f"<!doctype html><title>?</title>{body}<script>{measure}</script>")
    tree = browse(tmp_path / "frame.html", "--allow-file-access-from-files", "--dump-dom")
    assert "<title>1 true true</title>" in tree
