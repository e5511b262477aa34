"""A run reads the same rows of the changed keys as a full run would, for keys of every type and for null."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.session import Session
from engine.tables import Tables
from tests.keyed_lake import KEYS, day_by_day_and_at_once

rows = st.tuples(st.integers(0, 13), st.sampled_from(["1", "2", "bad", "null"]))
days = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.lists(rows, max_size=5), max_size=3),
    min_size=2,
    max_size=3,
)
#: Each key arrives, arrives again in a later file, is rejected and repaired, and disappears with its file.
EVERY_KEY: Any = [
    {"a": [(i, "1") for i in range(14)], "b": [(i, "bad") for i in range(14)]},
    {"c": [(i, "null") for i in range(0, 14, 2)], "b": [(i, "2") for i in range(1, 14, 3)]},
    {"c": [(i, "3") for i in range(0, 14, 5)], "a": [(i, "bad") for i in range(0, 14, 3)]},
    {"a": []},
]


@pytest.mark.parametrize("type", list(KEYS))
def test_every_key_of_a_type_is_read_when_it_changes(sail: tuple[Session, Tables], type: str) -> None:
    stepped, whole = day_by_day_and_at_once(*sail, type, EVERY_KEY)
    assert stepped == whole
    assert all(whole[name] for name in ("clean", "sums", "joined", "rejects of clean"))


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(type=st.sampled_from(list(KEYS)), days=days)
def test_any_days_give_the_tables_of_one_full_run(sail: tuple[Session, Tables], type: str, days: Any) -> None:
    stepped, whole = day_by_day_and_at_once(*sail, type, days)
    assert stepped == whole


@pytest.mark.on_engines("spark")
@pytest.mark.parametrize("type", ["string", "double"])
def test_every_key_on_a_jvm_is_read_when_it_changes(on_engine: tuple[Session, Tables], type: str) -> None:
    """Only for the types that each engine writes as text differently."""
    session, tables = on_engine
    stepped, whole = day_by_day_and_at_once(session, tables, type, EVERY_KEY[1:3], ["clean"])
    assert stepped == whole
    # A task frees what it stored: else Spark plans it again whenever a later task replaces a view.
    assert session.spark._jsparkSession.sharedState().cacheManager().isEmpty()
