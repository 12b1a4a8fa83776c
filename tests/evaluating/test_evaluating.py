"""The figures of an evaluation: read, scored, paired and kept."""

from pathlib import Path
from typing import Any

import pytest

from chatmodes import events as ev
from chatmodes.evaluating.arms import Arm, arm_named
from chatmodes.evaluating.items import Criterion, Item, load_items
from chatmodes.evaluating.journal import Draft, Journal, Record
from chatmodes.evaluating.judging import judged
from chatmodes.evaluating.pacing import fitting
from chatmodes.evaluating.report import Figures, figures, rows
from chatmodes.evaluating.run import matched
from chatmodes.evaluating.scoring import (
    bootstrap,
    clipped_mean,
    correct,
    extract,
    mcnemar,
    paired_bootstrap,
    percentile,
    rubric_score,
    wilson,
)
from chatmodes.folding import AgentView, RunView
from chatmodes.providers.gateway import open_gateway
from chatmodes.settings import (
    ConfigError,
    Contemplating,
    Local,
    Sampling,
    Server,
    Settings,
    Thinking,
    Timeouts,
    Tools,
    shipped,
)


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_broken_lines_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    path = write(
        tmp_path / "items.jsonl",
        '{"input": "1+1?", "target": 2}',
        "{broken",
        '{"input": ' + "[" * 100_000,
        '{"input": "no target"}',
        '{"input": "", "target": "x"}',
        '{"input": "open", "rubric": [{"criterion": "is kind", "points": -1}]}',
        '{"input": "open", "rubric": [{"criterion": "is kind", "points": 5}]}',
    )
    items, problems = load_items(path)
    assert [item.input for item in items] == ["1+1?", "open"]
    assert items[0].target == "2"
    assert [problem.split(":")[0].rsplit(" ", 1)[1] for problem in problems] == ["2", "3", "4", "5", "6"]


def test_a_byte_order_mark_costs_no_item(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"input": "1+1?", "target": 2}\n', encoding="utf-8-sig")
    items, problems = load_items(path)
    assert len(items) == 1
    assert not problems


def test_a_line_that_repeats_another_is_named_and_answered_once(tmp_path: Path) -> None:
    two = '{"input": "1+1?", "target": 2}'
    other = '{"input": "1+1?", "target": 2, "id": "again"}'
    items, problems = load_items(write(tmp_path / "items.jsonl", two, other, two, other, two))
    assert [item.id for item in items] == ["", "again"]
    assert [problem.partition(":")[0][-1] for problem in problems] == ["3", "4", "5"]
    assert "repeats line 1," in problems[0]
    assert "repeats line 2," in problems[1]


def test_an_item_is_told_from_others_of_its_id_by_its_content(tmp_path: Path) -> None:
    lines = (
        '{"id": "q", "input": "1+1?", "target": 2}',
        '{"id": "q", "input": "1+2?", "target": 3}',
        '{"id": "q", "input": "1+1?", "target": 3}',
        '{"id": "q", "input": "1+1?", "target": 2, "rubric": [{"criterion": "is kind", "points": 5}]}',
    )
    items, problems = load_items(write(tmp_path / "items.jsonl", *lines))
    assert not problems
    assert len({item.key for item in items}) == 4
    assert all(item.key.startswith("q-") for item in items)


@pytest.mark.parametrize("content", ["", "{broken"])
def test_a_file_without_items_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigError, match="holds no item"):
        load_items(write(tmp_path / "items.jsonl", content))


@pytest.mark.parametrize(
    ("text", "target", "right"),
    [
        ("So the total is 3 + 4.\nANSWER: 7", "7", True),
        ("He pays $1,234.50 in all.", "1234.5", True),
        ("There are 12 boys and 30 girls.", "30", True),
        ("There are 12 boys and 30 girls.", "12", False),
        ("Paris", "paris", True),
        ("I cannot say.", "7", False),
        ("", "7", False),
    ],
)
def test_answers_are_found_and_compared_in_any_spelling(text: str, target: str, right: bool) -> None:
    assert correct(extract(text, target), target) is right


@pytest.mark.parametrize(
    ("question", "text", "target", "right"),
    [
        ("Wie viel kostet das Buch in Euro?", "ANSWER: 1,500", "1.5", True),
        ("Wie viel kostet das Buch in Euro?", "Es kostet also 1.500 €.", "1500", True),
        ("Wie viele Einwohner hat der Ort?", "ANSWER: 1.500", "1.500", True),
        ("How many people live there?", "ANSWER: 1,500", "1500", True),
        ("How many metres is it?", "ANSWER: 1.500", "1500", False),
        ("Which is it?\nA) Paris\nB) Rome", "ANSWER: b", "B", True),
        ("What is the base of the natural logarithm called?", "ANSWER: e", "e", True),
    ],
)
async def test_an_answer_is_read_as_its_question_has_it(question: str, text: str, target: str, right: bool) -> None:
    record = await judged(made("a", answer=text), RunView(), target, question)
    assert record.correct is right


async def test_drafts_are_kept_with_their_answers_and_tokens() -> None:
    view = drafted("a1", "42")
    view.agents["a2"] = AgentView("a2", "draft", "endpoint/m", 0.0, "finished", text=["It makes 6 times 8, so 48."])
    view.agents["a3"] = AgentView("a3", "draft", "endpoint/m", 0.0, "cancelled", text=["It ma"])
    record = await judged(made("a", answer="ANSWER: 42"), view, "42")
    assert record.drafts == (
        Draft(agent="a1", answer="42", right=True, tokens=7),
        Draft(agent="a2", answer="48", right=False, tokens=None),
    )
    assert record.draft_tokens == 7


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_formulas_are_compared_by_algebra(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test for all, since each event loop has a worker of its own that imports sympy."""
    monkeypatch.setattr("chatmodes.modes.answers.algebra.PATIENCE", 60.0)  # a busy machine takes its time
    for short, target, right in (
        ("(x+1)^2", "x^2+2x+1", True),
        ("(x+2)^2", "x^2+2x+1", False),
        ("sqrt(16)", "4", True),
        ("(x+1)^2", "", False),
        ("\\dfrac{3}{6}", "\\frac12", True),
        ("x \\in [0, 1)", "$[0,1)$", True),
        ("-x", "$x$", False),
        ("2, 3", "\\{3, 2\\}", True),
    ):
        record = await judged(made("a", answer=f"ANSWER: {short}"), drafted("a1", short), target)
        assert (record.correct, record.vote_right) == (right, right)
        assert [(draft.agent, draft.right, draft.tokens) for draft in record.drafts] == [("a1", right, 7)]


def drafted(agent: str, short: str) -> RunView:
    """A finished run with one draft, which won the vote."""
    draft = AgentView(
        agent, "draft", "endpoint/m", 0.0, "finished", text=[f"ANSWER: {short}"], usage=ev.Usage(output_tokens=7)
    )
    vote = ev.Agreement(run="r", at=0.0, clusters=(ev.Cluster(short, (agent,), 1.0),), outstanding=0)
    return RunView(agents={agent: draft}, agreement=vote)


@pytest.mark.parametrize(
    ("arms", "changed", "rubric", "at_once"),
    [
        ("instant,thinking", {}, 1, 4),
        ("instant,contemplating", {}, 1, 1),
        ("auto", {}, 1, 1),
        ("maj@2", {}, 1, 2),
        ("maj@9", {}, 1, 1),
        ("contemplating", {"panel": ("endpoint/m", "openai/m"), "agents": 4}, 1, 2),
        ("instant", {}, 3, 1),
    ],
)
async def test_as_many_runs_at_once_as_there_are_places_for(
    arms: str, changed: dict[str, Any], rubric: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    settings = Settings(contemplating=Contemplating(**changed))
    items = [Item("?", rubric=(Criterion("is kind", 5),) * rubric)]
    async with open_gateway(settings, base_url="http://127.0.0.1:1/v1") as gateway:
        some = [arm_named(name, settings, lambda _: "endpoint/m") for name in arms.split(",")]
        assert fitting(gateway, some, items, None) == at_once


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_mcnemar_counts_only_what_differs() -> None:
    first = [True] * 10 + [False] * 8 + [True]
    second = [True] * 10 + [True] * 8 + [False]
    # 8 against 1 of 9 coins: 2 * (1 + 9) / 512
    assert mcnemar(first, second) == pytest.approx(20 / 512)
    assert mcnemar(first, first) == 1


def test_rubrics_are_scored_as_healthbench_does() -> None:
    rubric = [Criterion("a", 5), Criterion("b", 5), Criterion("harm", -8)]
    assert rubric_score(rubric, [True, False, False]) == 0.5
    assert rubric_score(rubric, [False, False, True]) == pytest.approx(-0.8)
    assert clipped_mean([-0.8, 0.5]) == 0
    low, high = bootstrap([0.2, 0.4, 0.6, 0.8])
    assert 0.2 <= low < 0.5 < high <= 0.8


def found_in(*records: Record) -> Figures:
    """The figures of one arm."""
    return figures({Arm("instant", "instant", "endpoint/m", Settings()): list(records)})[0]


def made(item: str, **found: Any) -> Record:
    """A record of that item."""
    return Record(item=item, arm="instant", fingerprint="f", **found)


def test_every_item_counts_in_the_mean_whatever_its_kind() -> None:
    targets = [made("a", correct=True), made("b", correct=False), made("c", error="it failed")]
    pure = found_in(*targets)
    assert pure.accuracy == pytest.approx(1 / 3)
    assert (pure.low, pure.high) == wilson(1, 3)
    mixed = found_in(*targets, made("d", score=0.6), made("e"))
    assert mixed.accuracy == pytest.approx(1.6 / 4)
    assert (mixed.low, mixed.high) == bootstrap([1, 0, 0, 0.6])
    assert (mixed.errors, mixed.ungraded) == (1, 1)
    rubrics = found_in(made("d", score=0.6), made("e", error="it failed"), made("f", score=-0.2))
    assert rubrics.accuracy == pytest.approx(0.4 / 3)


def test_what_the_drafts_held_is_a_share_of_the_items_with_a_target() -> None:
    found = found_in(
        made("a", correct=True, drafts=(Draft(agent="a1", answer="2", right=True, tokens=7),)), made("d", score=0.6)
    )
    assert found.oracle == 1


def test_what_the_drafts_held_is_no_matter_of_free_text_whose_drafts_nobody_reads() -> None:
    drafts = (Draft(agent="a1", answer="2", right=True, tokens=7),)
    found = found_in(made("a", correct=True, drafts=drafts), made("b", correct=True, judged=True, verdict="A"))
    assert found.oracle == 1


def test_percentiles() -> None:
    assert percentile([], 50) is None
    assert percentile([3.0], 95) == 3.0
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0


def test_the_journal_goes_on_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add(Record(item="a", arm="instant", fingerprint="f", correct=True))
    journal.add(Record(item="b", arm="instant", fingerprint="f", error="it failed"))
    with path.open("ab") as file:
        file.write(b'{"item": "c", "arm": "inst')  # what kill -9 leaves
    again = Journal(path)
    assert again.get("f", "a") is not None
    assert again.get("f", "b") is None
    assert again.get("other", "a") is None
    again.add(Record(item="c", arm="instant", fingerprint="f", correct=False))
    assert Journal(path).get("f", "c") is not None


@pytest.mark.parametrize("before", [(), (Record(item="b", arm="instant", fingerprint="f", error="it failed"),)])
@pytest.mark.parametrize("cut", [b"{", b'{"item', b'{"item":"c","arm":"inst'])
def test_a_journal_whose_first_answer_was_cut_is_gone_on_with(
    tmp_path: Path, before: tuple[Record, ...], cut: bytes
) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for record in before:
        journal.add(record)
    with path.open("ab") as file:
        file.write(cut)
    Journal(path).add(Record(item="a", arm="instant", fingerprint="f", correct=True))
    assert Journal(path).get("f", "a") is not None


def test_a_line_of_a_journal_that_is_damaged_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for item in "abc":
        journal.add(Record(item=item, arm="instant", fingerprint="f", answer="0123456789", correct=True))
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"012\xff456789", 1))
    again = Journal(path)
    assert [again.get("f", item) is not None for item in "abc"] == [False, True, True]


def test_records_of_an_older_form_are_no_reason_to_refuse_a_journal(tmp_path: Path) -> None:
    old = '{"item":"a","arm":"contemplating","fingerprint":"f","correct":true,"drafts":[true,false],"draft_tokens":3}'
    journal = Journal(write(tmp_path / "journal.jsonl", old))
    assert journal.get("f", "a") is None


@pytest.mark.parametrize("content", ["dear diary", '{"item": 1}\n', '{"input": "1+1?", "target": 2}', "dear diary\n{"])
def test_a_file_that_is_no_journal_is_not_written_over(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigError, match="no journal"):
        Journal(write(tmp_path / "notes.txt", content))


def test_an_old_answer_is_none_of_an_arm_that_would_answer_otherwise(home: Path) -> None:
    def print_of(mode: str, settings: Settings | None = None, **where: str) -> str:
        return Arm(mode, mode, "endpoint/m", settings or Settings()).fingerprint(**where)

    same = print_of("contemplating")
    assert same == print_of("contemplating", Settings(timeouts=Timeouts(run=1.0)))
    others = [
        print_of("contemplating", Settings(contemplating=Contemplating(agents=3))),
        print_of("contemplating", Settings(system="Be brief.")),
        print_of("contemplating", endpoint="http://127.0.0.1:1/v1"),
    ]
    assert len({same, *others}) == 4
    assert print_of("auto") != print_of("auto", Settings(thinking=Thinking(max_tokens=5)))
    offered = Tools(use=("calculate",))
    asked = [Sampling(temperature=0.1), Sampling(stop=("END",)), Sampling(effort="low"), Sampling(max_tokens=7)]
    tools = [offered, Tools(use=("calculate", "now")), Tools(use=("calculate",), allow=("run:git status",))]
    changed = [*(Settings(sampling=each) for each in asked), *(Settings(tools=each) for each in tools)]
    changed += [Settings(tools=Tools(use=("mcp:a",)), mcp={"a": Server(command=each)}) for each in ("one", "other")]
    assert len({same, *(print_of("contemplating", each) for each in changed)}) == 10
    unused = Settings(mcp={"a": Server(command="one")}, tools=Tools(allow=("run",), rounds=3))
    assert print_of("contemplating", unused) == same
    assert print_of("contemplating", Settings(tools=offered, mcp=unused.mcp)) == print_of(
        "contemplating", Settings(tools=offered)
    )
    own = home / "config" / "prompts" / "draft.txt"
    own.parent.mkdir(parents=True)
    own.write_text("# Mine\n{{hint}} Think.")
    changed = print_of("contemplating")
    assert changed != same
    for name in ("grade", "think"):  # what reads answers, and what this mode never sends
        own.with_name(f"{name}.txt").write_text((shipped("prompts") / f"{name}.txt").read_text("utf-8") + "\nMine.")
    assert print_of("contemplating") == changed
    providers = home / "config" / "providers.toml"
    providers.write_text('[other]\nbase_url = "http://127.0.0.1:1/v1"\n')
    assert print_of("contemplating") == changed
    providers.write_text('[endpoint]\nbase_url = "http://127.0.0.1:1/v1"\n')
    assert print_of("contemplating") != changed


def test_another_model_file_under_the_same_name_is_another_model(tmp_path: Path) -> None:
    gguf = tmp_path / "mine.gguf"
    gguf.write_bytes(b"GGUF")
    arm = Arm("instant", "instant", "local/mine", Settings(local=Local(gguf=str(gguf))))
    other = Arm("instant", "instant", "endpoint/m", arm.settings)
    before, elsewhere = arm.fingerprint(), other.fingerprint()
    gguf.write_bytes(b"GGUF, tuned")
    assert arm.fingerprint() != before
    assert other.fingerprint() == elsewhere


def test_contemplating_is_paired_with_the_vote_at_its_spend() -> None:
    settings = Settings()
    first = [made(str(at), correct=at < 10) for at in range(20)]
    better = [made(str(at), correct=at < 19) for at in range(20)]
    arms = {
        Arm("instant", "instant", "endpoint/m", settings): first,
        Arm("contemplating", "contemplating", "endpoint/m", settings): better,
        Arm("maj@k", "contemplating", "endpoint/m", settings): [made(str(at), correct=at < 14) for at in range(20)],
    }
    found = figures(arms)
    assert found[1].p_matched == pytest.approx(2 / 2**5)
    assert found[1].p_value == pytest.approx(2 / 2**9)
    assert [each.p_matched for each in (found[0], found[2])] == [None, None]
    assert "0.062" in rows(found)[1]


def test_rubrics_are_paired_by_bootstrap() -> None:
    low, high, p_value = paired_bootstrap([0.1, 0.2, 0.3, 0.4] * 5, [0.3, 0.5, 0.5, 0.7] * 5)
    assert 0.2 <= low < 0.25 < high <= 0.3
    assert p_value == pytest.approx(2 / 1001)
    assert paired_bootstrap([0.5, 0.1], [0.5, 0.1])[2] == 1
    arms = {
        Arm(name, "instant", "endpoint/m", Settings()): [made(str(at), score=score) for at in range(9)]
        for name, score in (("instant", 0.2), ("answer-only", 0.6))
    }
    worse = figures(arms)[1]
    assert worse.difference == pytest.approx((0.4, 0.4))
    assert worse.p_value is not None
    assert worse.p_value < 0.01
    assert worse.better is None


def test_the_vote_at_the_same_spend_counts_what_is_read() -> None:
    arm = Arm("contemplating", "contemplating", "endpoint/m", Settings())
    drafts = (Draft(agent="a1", answer="2", right=True, tokens=100, input_tokens=100),)
    record = made("a", correct=True, tokens=600.0, input_tokens=1400, drafts=drafts)
    voting = matched({arm: [record]})
    assert voting is not None
    assert voting.settings.contemplating.agents == 10
    unknown = matched({arm: [made("a", correct=True, tokens=600.0, drafts=drafts)]})
    assert unknown is not None
    assert unknown.settings.contemplating.agents == 6
