"""Jars are fetched once, by checksum, from a server that the test starts."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import fetch_jars

JAR = b"PK as good as a jar"
PATH = "/some/group/tool_2.12/1.5/tool_2.12-1.5.jar"


class Repository:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requested: list[str] = []
        self.address = ""


@pytest.fixture
def repository() -> Iterator[Repository]:
    served = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requested.append(self.path)
            body = served.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_port}/"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(tmp_path: Path, repository: Repository) -> tuple[int, Path]:
    listing = tmp_path / "jars.txt"
    listing.write_text(f"# a comment\nsome.group:tool_2.12:1.5 {hashlib.sha256(JAR).hexdigest()}\n")
    into = tmp_path / "jars"
    into.mkdir(exist_ok=True)
    return fetch_jars.main(["--list", str(listing), "--into", str(into), "--from", repository.address]), into


def test_a_jar_is_fetched_once(tmp_path: Path, repository: Repository) -> None:
    repository.files[PATH] = JAR
    assert fetched(tmp_path, repository)[0] == 0
    status, into = fetched(tmp_path, repository)
    assert status == 0
    assert [file.name for file in into.iterdir()] == ["tool_2.12-1.5.jar"]
    assert (into / "tool_2.12-1.5.jar").read_bytes() == JAR
    assert repository.requested == [PATH]


def test_a_jar_with_another_checksum_is_refused_and_not_kept(
    tmp_path: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.files[PATH] = b"something else"
    status, into = fetched(tmp_path, repository)
    assert status == 1
    assert list(into.iterdir()) == []
    assert "its SHA-256 is" in capsys.readouterr().err


def test_a_truncated_jar_is_fetched_again_and_another_version_is_removed(
    tmp_path: Path, repository: Repository
) -> None:
    repository.files[PATH] = JAR
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "tool_2.12-1.5.jar").write_bytes(JAR[:4])
    (tmp_path / "jars" / "tool_2.12-1.4.jar").write_bytes(b"old")
    (tmp_path / "jars" / "tool_2.12-extra-1.4.jar").write_bytes(b"another library")
    status, into = fetched(tmp_path, repository)
    assert status == 0
    assert sorted(file.name for file in into.iterdir()) == ["tool_2.12-1.5.jar", "tool_2.12-extra-1.4.jar"]
    assert (into / "tool_2.12-1.5.jar").read_bytes() == JAR


def test_a_repository_without_the_jar_is_an_error_without_a_stack_trace(
    tmp_path: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(tmp_path, repository)[0] == 1
    assert "tool_2.12-1.5.jar: HTTP Error 404" in capsys.readouterr().err
