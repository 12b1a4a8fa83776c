"""Markdown as HTML for a page: as the screen shows it, with code in colours, formulas set, and boxes for tasks.

It is text that models wrote. Raw HTML in it shows as text, links go to http(s) or mail and nowhere else, an image is a
link to it, and what would cost a parser the square of its length stays as it is.
"""

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chatmodes.exporting.formulas import formula
from chatmodes.latex import use_math
from chatmodes.sanitize import clean

_DENSE = 2_000
"""Marks in one paragraph beyond which it is shown as plain text."""
_MARKS = "[*_~<&$\\"
_LONG = 100_000
"""Characters of code beyond which it has no colours: a page of it would be slow to open."""
_TASK = re.compile(r"\[([ xX])\]\s+")


def markdown(source: str) -> str:
    """Markdown as HTML that runs nothing and loads nothing."""
    html: str = _parser().render(clean(source))
    return html


def code_styles() -> str:
    """The style sheet for the colours of code, on a light page and on a dark one."""
    from pygments.formatters.html import HtmlFormatter

    def rules(style: str) -> str:
        return "\n".join(HtmlFormatter(style=style).get_token_style_defs(".code"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    return f"{rules('default')}\n@media screen and (prefers-color-scheme: dark) {{\n{rules('github-dark')}\n}}\n"


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """An image as a link to it, since the page loads nothing."""
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children or [], options, env)
        return f'<a href="{escape(str(token.attrGet("src") or ""))}" rel="noopener">{escape(alt or "image")}</a>'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code in the colours of its language, if that is known."""
        del options, env
        token = tokens[idx]
        language = token.info.split()[0] if token.info.split() else ""
        label = f' data-language="{escape(language)}"' if language else ""
        return f'<pre class="code"{label}><code>{_coloured(token.content, language)}</code></pre>\n'

    def math(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """A formula."""
        return formula(tokens[idx].content)

    def task(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        """A box that is ticked or not, for nobody to click."""
        return f'<input type="checkbox" disabled{" checked" if tokens[idx].content != " " else ""}> '


def _coloured(code: str, language: str) -> str:
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType]
    from pygments.util import ClassNotFound

    if not language or len(code) > _LONG:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language.lower(), stripnl=False)
    except ClassNotFound:
        return escape(code)
    html: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return html


@cache
def _parser() -> MarkdownIt:
    # A page of 10,000 nested quotes must cost what a page costs. A newline that a model sends is one that it means.
    options = {"html": False, "breaks": True, "maxNesting": 20}
    parser = MarkdownIt("gfm-like", options, renderer_cls=_Renderer)
    if parser.linkify is not None:
        # Only what has a scheme is a link: README.md and main.py end in country codes.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    use_math(parser)
    parser.core.ruler.at("inline", _inline)
    parser.core.ruler.after("inline", "tasks", _tasks)
    parser.core.ruler.after("inline", "headings", _headings)
    return parser


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if sum(map(token.content.count, _MARKS)) > _DENSE:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _headings(state: StateCore) -> None:
    """The first two levels are the page's own, so that its outline is its turns."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 2, 6)}"


def _tasks(state: StateCore) -> None:
    """A list's item that begins with [ ] or [x] is a task."""
    for place, token in enumerate(state.tokens):
        if token.type != "inline" or place < 2 or state.tokens[place - 2].type != "list_item_open":
            continue
        first = token.children[0] if token.children else None
        if first is not None and first.type == "text" and (box := _TASK.match(first.content)):
            first.content = first.content[box.end() :]
            token.children = [Token("task", "", 0, content=box[1]), *(token.children or [])]
            state.tokens[place - 2].attrJoin("class", "task")
