"""Both languages write and read issues in one line in the same way."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault, exit_text
from engine.issue_line import issues_in, line_of

GOLDEN = json.loads((Path(__file__).parent.parent.parent / "contracts" / "golden" / "issue-lines.json").read_text())


@pytest.mark.parametrize("line", GOLDEN["lines"], ids=lambda line: line["what"])
def test_a_line_is_the_same_in_both_languages(line: dict[str, Any]) -> None:
    assert line_of(line["issues"], line["most"]) == line["text"]
    assert line["text"].isascii() and len(line["text"]) <= line["most"]


@pytest.mark.parametrize("around", GOLDEN["around"], ids=lambda around: around["text"][:20])
def test_issues_are_found_in_the_text_around_them(around: dict[str, Any]) -> None:
    assert issues_in(around["text"]) == around["issues"]


@pytest.mark.parametrize("text", GOLDEN["none"])
def test_text_without_issues_has_none(text: str) -> None:
    assert issues_in(text) == []


def test_a_fault_survives_the_conversion_to_a_line_and_back() -> None:
    fault = Fault("MR320", "a: b (c).csv", 'said "x": y (z)\nand more', "look (here): there")
    [issue] = issues_in(f"Traceback ...\nRuntimeError: {line_of([fault.as_issue()], 1000)}\n\tat java.lang.Thread")
    assert Fault.of(issue).args == fault.args


def test_without_issues_there_is_no_exit_text() -> None:
    assert exit_text([]) is None
