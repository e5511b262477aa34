"""Issues in one line, as both languages write and read them."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault, exit_text
from engine.issue_line import issues_in, line_of

GOLDEN = json.loads((Path(__file__).parent.parent.parent / "contracts" / "golden" / "issue-lines.json").read_text())


@pytest.mark.parametrize("line", GOLDEN["lines"], ids=lambda line: line["what"])
def test_a_line_is_what_the_other_language_writes(line: dict[str, Any]) -> None:
    assert line_of(line["issues"], line["most"]) == line["text"]
    assert line["text"].isascii() and len(line["text"]) <= line["most"]


@pytest.mark.parametrize("around", GOLDEN["around"], ids=lambda around: around["text"][:20])
def test_issues_are_found_in_what_a_service_puts_around_them(around: dict[str, Any]) -> None:
    assert issues_in(around["text"]) == around["issues"]


@pytest.mark.parametrize("text", GOLDEN["none"])
def test_issues_are_not_found_where_there_are_none(text: str) -> None:
    assert issues_in(text) == []


def test_a_fault_is_the_same_after_its_way_through_a_line() -> None:
    fault = Fault("MR320", "a: b (c).csv", 'said "x": y (z)\nand more', "look (here): there")
    [issue] = issues_in(f"Traceback ...\nRuntimeError: {line_of([fault.as_issue()], 1000)}\n\tat java.lang.Thread")
    assert Fault.of(issue).args == fault.args


def test_without_issues_there_is_no_reason_to_exit() -> None:
    assert exit_text([]) is None
