"""A session that was interrupted ends: nothing waits for a server that is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.session import SailSession

#: Only what waits for minutes takes longer, on any machine.
LIMIT = 120


def test_a_server_that_is_gone_is_not_waited_for() -> None:
    session = SailSession()
    session._server.stop()
    began = time.monotonic()
    with pytest.raises(Exception, match=r"(?i)connect|unavailable"):
        session.spark.sql("SELECT 1").collect()
    session.stop()
    assert time.monotonic() - began < LIMIT


INTERRUPTED = """
import sys
from engine.scratch import scratch_below
with scratch_below(sys.argv[1], "r-1"):
    from engine.session import open_session
    session = open_session("sail")
    print("there", flush=True)
    try:
        while True:
            session.spark.sql("SELECT count(*) FROM range(100000) a JOIN range(300) b ON a.id > b.id").collect()
    finally:
        session.stop()
"""


def test_an_interrupt_in_the_midst_of_a_query_ends_the_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    working = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    assert working.stdout is not None and working.stdout.readline() == "there\n"
    time.sleep(1)
    working.send_signal(signal.SIGINT)
    try:
        assert working.wait(LIMIT) == 128 + signal.SIGINT
    finally:
        working.kill()
