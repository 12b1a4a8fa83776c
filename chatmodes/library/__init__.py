"""The program as a library: what `import chatmodes` offers, built on the same rooms as every face.

    import chatmodes
    print(chatmodes.ask("What is 12 * 12?", mode="thinking").text)

The user's settings, keys and environment hold here as on the command line; nothing is stored unless it is asked for.
`docs/library.md` has a script and a notebook's cell.
"""

from chatmodes.library.answers import Answer, AnswerError
from chatmodes.library.conversation import Conversation, answer_of, open
from chatmodes.library.once import ask, ask_async, stream

__all__ = ["Answer", "AnswerError", "Conversation", "answer_of", "ask", "ask_async", "open", "stream"]
