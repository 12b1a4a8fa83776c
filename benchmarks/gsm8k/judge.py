"""Let the model judge the drafts that `record.py` drew: each alone, and the two leading answers against each other.

    python benchmarks/gsm8k/judge.py MODEL.gguf drafts.jsonl ITEMS.jsonl

The verdict is one word, read from its probability: is this answer correct, yes or no (P(True) of arXiv 2207.05221), and
which of two solutions is correct, A or B, asked in both orders. Only items without a clear vote are looked at, since
nothing is to be decided elsewhere. Straight through llama.cpp, as the program asks no model for the rivals of a token.
Writes drafts.checked.jsonl and drafts.compared.jsonl beside the drafts, and goes on where it was stopped.
"""

import argparse
import importlib
import json
import math
import os
import sys
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.gsm8k.record import Drawn, read
from chatmodes.evaluating.items import load_items
from chatmodes.modes.answers.voting import answer_to
from chatmodes.modes.contemplating.agree import Tally, Vote

AT_ONCE = 2
CHECK = (
    "Check the solution above for mistakes in reading the question or in the arithmetic. Is its final answer correct? "
    "Reply with yes or no."
)
COMPARE = (
    "{question}\n\nBelow are two solutions to the question above.\n\n[A]\n{a}\n[end of A]\n\n[B]\n{b}\n[end of B]\n\n"
    "Which solution is correct, A or B? Reply with one letter."
)


def tally(question: str, drafts: list[Drawn]) -> Tally:
    """The votes of drafts, by their numbers."""
    votes = Tally()
    for drawn in drafts:
        if drawn.finish == "stop" and (answer := answer_to(question, drawn.text)):
            votes.add(Vote(str(drawn.number), answer))
    return votes


def lines(path: Path) -> list[list[Any]]:
    """The records of a file that may not be there yet."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Judge:
    """The model behind llama.cpp's server, asked for one token."""

    def __init__(self, model: Path) -> None:
        xllamacpp: Any = importlib.import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path, params.hostnames, params.port = str(model), ["127.0.0.1"], 0
        params.n_parallel, params.n_ctx = AT_ONCE, AT_ONCE * 4096
        params.fit_params, params.verbosity = False, 1
        self._server = xllamacpp.Server(params)

    def ask(self, *turns: str, words: tuple[str, str]) -> tuple[float, float]:
        """The probabilities that the reply begins with one word or the other; `turns` are the user's and its own."""
        roles = ("user", "assistant", "user")
        messages = [{"role": role, "content": text} for role, text in zip(roles, turns, strict=False)]
        body = {"messages": messages, "max_tokens": 1, "temperature": 0, "logprobs": True, "top_logprobs": 20}
        request = urllib.request.Request(
            f"{self._server.listening_address}/v1/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=600) as reply:
            tokens = json.load(reply)["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        first, second = (
            sum(math.exp(each["logprob"]) for each in tokens if each["token"].strip(" []").lower() == word)
            for word in words
        )
        return first, second


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("drafts", type=Path)
    parser.add_argument("items", type=Path)
    args = parser.parse_args()
    questions = {item.key: item.input for item in load_items(args.items)[0]}
    pools: dict[str, list[Drawn]] = defaultdict(list)
    for drawn in read(args.drafts):
        if drawn.way == "cool":
            pools[drawn.item].append(drawn)
    judge = Judge(args.model)
    checked, compared = (args.drafts.with_suffix(f".{name}.jsonl") for name in ("checked", "compared"))
    known = {(item, number) for item, number, *_ in lines(checked)}

    def check(drawn: Drawn) -> None:
        yes, no = judge.ask(questions[drawn.item], drawn.text, CHECK, words=("yes", "no"))
        with checked.open("a") as out:
            out.write(json.dumps([drawn.item, drawn.number, yes / (yes + no or 1)]) + "\n")

    def compare(key: str) -> None:
        drafts = [drawn for drawn in pools[key] if drawn.number < 5 and drawn.finish == "stop"]
        clusters = tally(questions[key], drafts).clusters
        if len(clusters) < 2 or clusters[0].weight >= 4:
            return
        pair = [
            min((d for d in drafts if str(d.number) in cluster.agents), key=lambda d: len(d.text))
            for cluster in clusters[:2]
        ]
        asked = [COMPARE.format(question=questions[key], a=a.text, b=b.text) for a, b in (pair, pair[::-1])]
        verdicts = [judge.ask(prompt, words=("a", "b")) for prompt in asked]
        with compared.open("a") as out:
            out.write(json.dumps([key, pair[0].number, pair[1].number, *verdicts]) + "\n")

    split = [key for key, drafts in pools.items() if tally(questions[key], drafts).clusters[0].weight < 5]
    done = {item for item, *_ in lines(compared)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        todo = [d for key in split for d in pools[key] if d.finish == "stop" and (d.item, d.number) not in known]
        list(pool.map(check, todo))
        list(pool.map(compare, [key for key in pools if key not in done]))
    os._exit(0)  # the server's threads have no end of their own


if __name__ == "__main__":
    main()
