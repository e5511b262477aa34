"""Requests to Spark's UI: valid and invalid answers."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from engine.spark_ui import stages_of

ANSWERS: dict[str, Any] = {
    "app-1": [{"stageId": 3, "status": "COMPLETE"}, "no stage"],
    "app-2": {"error": "no such app"},
    "slow": [],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        application = self.path.removeprefix("/api/v1/applications/").removesuffix("/stages")
        if application == "slow":
            time.sleep(0.5)
        self.send_response(200 if application in ANSWERS else 404)
        self.end_headers()
        self.wfile.write(json.dumps(ANSWERS.get(application)).encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def ui() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_the_stages_of_an_application_are_read_without_a_proxy(ui: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert stages_of(ui, "app-1", 5) == [{"stageId": 3, "status": "COMPLETE"}]


@pytest.mark.parametrize("application", ["app-2", "none"])
def test_any_other_answer_is_an_error(ui: str, application: str) -> None:
    with pytest.raises((OSError, ValueError)):
        stages_of(ui, application, 5)


def test_a_slow_answer_is_not_waited_for(ui: str) -> None:
    with pytest.raises(OSError):
        stages_of(ui, "slow", 0.1)
