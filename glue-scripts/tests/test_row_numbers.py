"""Row numbers of different files do not collide, however many files a source has."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.readers.chunk import FileRows


def test_two_files_that_once_shared_row_numbers_no_longer_do() -> None:
    one, other = (FileRows(f"in/part-{n}.csv", "e").base for n in ("028150", "032031"))
    assert abs(one - other) > 1_000_000


def test_a_million_files_of_a_million_rows_have_distinct_row_numbers() -> None:
    bases = np.sort(np.array([FileRows(f"events/part-{n:06}.csv", "e").base for n in range(1_000_000)], np.int64))
    assert int(np.diff(bases).min()) > 1_000_000


@given(st.text(), st.text(), st.integers(0, 2**40))
def test_a_row_number_is_a_positive_bigint_that_depends_on_name_and_content(name: str, etag: str, record: int) -> None:
    base = FileRows(name, etag).base
    assert 0 <= base + record < 2**63
    assert base == FileRows(name, etag).base != FileRows(name, etag + "x").base
