"""All messages write counts in the same way, so that none says `1 rows`."""

import re
from pathlib import Path

import pytest

from engine.words import counted

GLUE_SCRIPTS = Path(__file__).parent.parent

#: A number in a message, followed by a plural that does not depend on the number.
FIXED_PLURAL = re.compile(r"\{[^{}]*\} (rows|files|records|bytes|lines|values|columns|tables|tasks|keys|groups)\b")


@pytest.mark.parametrize(("n", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234567, "1,234,567 rows")])
def test_one_is_singular_and_thousands_are_separated(n: int, text: str) -> None:
    assert counted(n, "row") == text


def test_an_irregular_plural_can_be_given() -> None:
    assert [counted(n, "copy", "copies") for n in (1, 2)] == ["1 copy", "2 copies"]


def test_no_message_of_the_engine_has_a_fixed_plural() -> None:
    assert FIXED_PLURAL.search('f"{n:,} rows were read"')
    files = [*GLUE_SCRIPTS.glob("*.py"), *(GLUE_SCRIPTS / "engine").rglob("*.py")]
    wrong = [
        (file.name, found[0])
        for file in files
        for line in file.read_text().splitlines()
        if '"""' not in line and not line.lstrip().startswith("#") and (found := FIXED_PLURAL.search(line))
    ]
    assert len(files) > 80
    assert wrong == []
