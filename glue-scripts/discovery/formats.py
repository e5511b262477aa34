"""The functions that propose a source, one per format."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from discovery.access_log import is_like_access_log, look_at_access_log
from discovery.csv_records import is_like_csv, look_at_csv
from discovery.json_lines import look_at_json
from discovery.parquet_file import look_at_parquet
from discovery.text_lines import look_at_text


class Look(NamedTuple):
    #: Returns the proposed source for a file.
    look: Callable[[str], dict[str, Any]]
    #: Whether a file may have this format. Called only if several formats have the extension of the file.
    is_like: Callable[[str], bool] = lambda _: True


LOOKS: Mapping[str, Look] = {
    "csv": Look(look_at_csv, is_like_csv),
    "json": Look(look_at_json),
    "parquet": Look(look_at_parquet),
    "access-log": Look(look_at_access_log, is_like_access_log),
    "text": Look(look_at_text),
}


def look_at(path: str, formats: Sequence[str]) -> dict[str, Any]:
    """The proposal by the first format that fits the file, or by the last format."""
    *others, last = formats
    name = next((name for name in others if LOOKS[name].is_like(path)), last)
    return LOOKS[name].look(path)
