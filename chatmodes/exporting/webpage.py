"""Self-contained HTML pages: what exports and published comparisons are made of.

A page holds text that models wrote. It therefore runs no script, loads nothing from anywhere (a Content-Security-Policy
says so, and a remote image would tell its server who reads the page), and shows raw HTML as text.
"""

import base64
from html import escape

from chatmodes.exporting.rendering import code_styles
from chatmodes.sanitize import clean, one_line

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --dim: #60646c; --paper: #fcfcfd; --card: #ffffff;
  --line: #d9d9e0; --accent: #3a5bc7; --code: #f2f2f5; --added: #d3f4d8; --removed: #ffdbdc; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --dim: #b0b4ba; --paper: #111113; --card: #18191b;
  --line: #363a3f; --accent: #9eb1ff; --code: #212225; --added: #113b29; --removed: #500f1c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 110rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0; } h3 { font-size: 1.25rem; } h4 { font-size: 1.1rem; }
a { color: var(--accent); }
pre, code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--code); border-radius: 4px; }
code { padding: .1em .3em; } pre { padding: .75rem; overflow-x: auto; } pre code { padding: 0; font-size: 1em; }
table { border-collapse: collapse; display: block; overflow-x: auto; max-width: 100%; overflow-wrap: normal; }
math[display="block"] { display: block math; overflow: auto; padding: .6rem 0; }
li.task { list-style: none; margin-left: -1.2rem; } li.task input { margin: 0 .3rem 0 0; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
blockquote { margin: 0 0 0 .2rem; padding-left: .8rem; border-left: 3px solid var(--line); color: var(--dim); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; min-width: 0;
  overflow-wrap: anywhere; }
figure { margin: .8rem 0; } .held { max-width: 100%; max-height: 32rem; border-radius: 4px; display: block; }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.dim { color: var(--dim); font-size: .85rem; } .error { color: #ce2c31; }
.prompt { border-left: 3px solid var(--accent); padding-left: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
ins { background: var(--added); text-decoration: none; } del { background: var(--removed); }
@media print { body { background: none; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table, math[display="block"] { overflow: visible; } .card { border: none; padding: 0; } .columns { display: block; }
  .columns > * { margin-bottom: 1.5rem; } tr, pre { break-inside: avoid; }
  h1, h2, h3, h4, h5, h6 { break-inside: avoid; break-after: avoid; } }
.diff { white-space: pre-wrap; overflow-wrap: anywhere; } details { margin: .8rem 0; } summary { cursor: pointer; }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_WITH_PICTURES = f"{_POLICY}; img-src data:"
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)
"""Pictures that a page may hold, by how they begin: an SVG, say, is a document that can ask for others."""
_HELD = '<img class="held" '


def page(title: str, body: str) -> str:
    """A whole document. `title` is text; `body` is HTML that was made by this module or escaped."""
    policy = _WITH_PICTURES if _HELD in body else _POLICY
    style = STYLE + (code_styles() if '<pre class="code"' in body else "")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def text(content: str) -> str:
    """Text as HTML, controls dropped."""
    return escape(clean(content))


def attached(name: str, content: bytes | None) -> str:
    """An attachment: a picture inside the page where its `content` is one, else its name."""
    caption = f"Attached: {text(one_line(name))}"
    kind = next((kind for magic, kind in _PICTURES if content and content.startswith(magic)), None)
    if content is None or kind is None:
        return f'<p class="dim">{caption}</p>'
    data = base64.b64encode(content).decode("ascii")
    shown = f'{_HELD}alt="{text(one_line(name))}" src="data:{kind};base64,{data}">'
    return f'<figure>{shown}<figcaption class="dim">{caption}</figcaption></figure>'
