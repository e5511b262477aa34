"""The file system of a bucket has the credentials of the AWS SDK, where that is installed, and new ones once they change."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import pyarrow.fs as pafs
import pytest

from engine import files


class Frozen(NamedTuple):
    access_key: str
    secret_key: str
    token: str | None


class Session:
    """A session of the AWS SDK whose credentials a service replaces before they expire."""

    current = Frozen("key-1", "secret-1", "token-1")

    def get_credentials(self) -> Any:
        return SimpleNamespace(get_frozen_credentials=lambda: self.current)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The arguments of each file system that was opened."""
    made: list[dict[str, Any]] = []

    def open_s3(**given: Any) -> dict[str, Any]:
        made.append(given)
        return given

    monkeypatch.setattr(pafs, "S3FileSystem", open_s3)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    files.opened_bucket.cache_clear()
    yield made
    files.opened_bucket.cache_clear()


def test_a_bucket_is_opened_again_only_after_its_credentials_changed(
    opened: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    monkeypatch.setattr(files, "sdk_session", lambda: session)
    for _ in range(2):
        files.filesystem("s3://lake/a")
    session.current = Frozen("key-2", "secret-2", "token-2")
    _, path = files.filesystem("s3://lake/a#b%20")
    assert path == "lake/a#b%20"
    assert [(each["access_key"], each["session_token"], each["region"]) for each in opened] == [
        ("key-1", "token-1", "eu-central-1"),
        ("key-2", "token-2", "eu-central-1"),
    ]


def test_without_the_sdk_or_without_credentials_arrow_finds_its_own(
    opened: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(pafs, "FileSystem", SimpleNamespace(from_uri=lambda uri: (asked.append(uri), "")))
    for session in (None, SimpleNamespace(get_credentials=lambda: None)):
        files.opened_bucket.cache_clear()
        monkeypatch.setattr(files, "sdk_session", lambda session=session: session)
        files.filesystem("s3://lake/a")
    assert asked == ["s3://lake", "s3://lake"] and opened == []
