"""Files of items that are no JSON lines: tables, packed files, other layouts of JSON, and what is refused."""

import bz2
import json
import lzma
import re
from pathlib import Path
from typing import Any

import pytest

from chatmodes.evaluating.items import load_items
from chatmodes.settings import ConfigError

BOTH: list[dict[str, Any]] = [{"input": "1+1?", "target": 2}, {"input": "1, 2?", "target": "3"}]
LINES = "".join(json.dumps(each) + "\n" for each in BOTH)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('input,target\n1+1?,2\n"1, 2?",3\n', id="CSV"),
        pytest.param('\ufeff"target","input"\r\n2,1+1?\r\n\r\n3,"1, 2?"', id="CSV of a spreadsheet"),
        pytest.param('input,target\r1+1?,2\r"1, 2?",3\r', id="CSV of an old Mac"),
        pytest.param("Question\tAnswer\tnotes\n1+1?\t2\t\n1, 2?\t3\n", id="tabs"),
        pytest.param("question;answer\n1+1?;2\n1, 2?;3\n", id="semicolons"),
        pytest.param(json.dumps(BOTH[0], indent=2) + "\n" + json.dumps(BOTH[1], indent=2), id="as jq prints"),
        pytest.param("".join(map(json.dumps, BOTH)), id="nothing between"),
        pytest.param(json.dumps({"version": 1, "data": BOTH}), id="in an object"),
        pytest.param(json.dumps({"rows": [{"row_idx": 0, "row": each} for each in BOTH]}, indent=1), id="the Hub's"),
        pytest.param('[{"input": "1+1?", "target": 2, "note": NaN}, {"input": "1, 2?", "target": 3}]', id="NaN"),
        pytest.param(bz2.compress(LINES.encode()), id="bzip2"),
        pytest.param(lzma.compress(LINES.encode()), id="xz"),
    ],
)
def test_items_are_read_however_they_are_laid_out(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "items"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    items, problems = load_items(path)
    assert [(item.input, item.target) for item in items] == [("1+1?", "2"), ("1, 2?", "3")]
    assert problems == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            "Record ID,Pre-Revision Question,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Domain\n"
            'r1,"old, one",Which?,"two, or so",1,3,"line\nand line"\n',
            id="GPQA",
        ),
        pytest.param(",Question,A,B,C,Answer,Subject\n0,Which?,1,3,\"two, or so\",C,law\n", id="MMLU"),
        pytest.param('Which?,1,3,"two, or so",C\n', id="MMLU without names"),
        pytest.param('question,choices,answer\nWhich?,"[\'1\', \'3\', \'two, or so\']",2\n', id="a list of Python's"),
        pytest.param(
            'question,options,answer_index\nWhich?,"[""1"", ""3"", ""two, or so""]",2\n', id="list as JSON"
        ),
    ],
)  # fmt: skip
def test_choices_of_a_table_are_laid_out(tmp_path: Path, content: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(content, encoding="utf-8")
    (item,), problems = load_items(path)
    assert problems == []
    assert (item.input, item.target, sorted(item.choices)) == ("Which?", "two, or so", ["1", "3", "two, or so"])


def test_simpleqa_is_read_as_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "simple_qa.csv"
    path.write_text(
        "metadata,problem,answer\n\"{'topic': 'Art', 'urls': ['a, b']}\",Born when?,1815\n", encoding="utf-8"
    )
    (item,), _ = load_items(path)
    assert (item.input, item.target, item.judged) == ("Born when?", "1815", True)


def test_what_is_wrong_in_a_table_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text('input,target\n"a\nb",1\nc,2,3\nd,\ne,007\n', encoding="utf-8")
    items, problems = load_items(path)
    assert [(item.input, item.target) for item in items] == [("a\nb", "1"), ("e", "007")]
    assert [problem.removeprefix(f"{path}, ") for problem in problems] == [
        "line 4: it has 3 cells, and the first row 2.",
        "line 5: it has neither a target nor a rubric.",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PAR1" + b"\0" * 20, r"is a Parquet file.*to_json"),
        (b"ARROW1\0\0", "is an Arrow file"),
        (b"PK\x03\x04" + b"\0" * 20, "is a zip archive or a workbook"),
        (b"\x28\xb5\x2f\xfd\0", "is packed by zstd.*zstd -d"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS.*git lfs pull"),
        (bz2.compress(LINES.encode())[:-9], "cannot be unpacked"),
        (lzma.compress(LINES.encode())[:-9], "cannot be unpacked"),
        ("[" + LINES.replace("\n", ",\n"), "begins an array that cannot be read"),
        ("[" + LINES.strip().replace("\n", ",\n") + ",]", "begins an array that cannot be read.*comma"),
        ("question,answer\ncaf\xe9,1\n".encode("latin-1"), "is not in UTF-8.*Save it"),
        ('{"input": "caf\xe9", "target": 1}\n'.encode("latin-1"), "line 1: it is not in UTF-8"),
        ("name,size\na,1\n", "holds no item.*the first row of a table names"),
        ("[1]\n[2]\n", "holds no item"),
        ("words, " * 100_000, "holds no item"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path, content: str | bytes, told: str) -> None:
    path = tmp_path / "items"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as refused:
        load_items(path)
    assert re.search(told, f"{refused.value} {refused.value.hint}", re.DOTALL)
