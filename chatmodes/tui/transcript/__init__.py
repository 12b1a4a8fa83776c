"""The transcript: blocks of a conversation in one virtualised widget that stays fast at any length.

How a screen uses it::

    transcript = Transcript(id="transcript")      # fills its container; focusable
    transcript.load([prompt("m1", text), answer("m2", text, head="Instant · qwen3:4b")])
    transcript.append(reasoning("r3", head="Thinking…", live=True))
    transcript.append(answer("a3", live=True))
    transcript.stream("a3", delta)                # as often as deltas come; painted every 100 ms
    transcript.finish("a3")                       # flushes what is pending
    transcript.set_head("r3", "Thought for 12 s · 345 words")
    transcript.append(agents("g3", "4 of 5 agents agree", "**Answers:** …"))
    transcript.find("words"); transcript.find_next(); transcript.find_next(-1); transcript.find("")

Besides: `insert(block, before=id)`, `replace(id, block)`, `remove_block(id)`, `clear()`, `set_folded(id, bool)`,
`move_cursor(id)`, `action_follow()`, and `text(id)`, a block's source.

A block is made by `prompt`, `attached`, `answer`, `reasoning`, `notice`, `agents`, or as a `Block`. All text given is
cleaned here (`chatmodes.sanitize`). It is never markup: `[bold]` is seven characters.

It posts (as `Transcript.LinkClicked` and so on): `LinkClicked(url)`, `LinkHovered(url)`, `CopyRequested(text)`,
`FollowChanged(following)`, `SearchChanged(current, total)`. It opens and copies nothing itself. A fold line that is
clicked folds by itself.

Call `chatmodes.tui.markdown.render.warm()` in a thread after the first paint: it imports what the first answer needs.

At the end it follows what is added; a reader who has scrolled up stays where they are, and `following` is False
until they are back at the end (`action_follow`, the End key). `cursor` is the id of the block the keyboard is on
(`move_cursor`). Text is selected with the mouse by Textual's own selection: `screen.get_selected_text()`.
"""

from chatmodes.tui.transcript.blocks import Block, agents, answer, attached, notice, prompt, reasoning
from chatmodes.tui.transcript.widget import Transcript

__all__ = ["Block", "Transcript", "agents", "answer", "attached", "notice", "prompt", "reasoning"]
