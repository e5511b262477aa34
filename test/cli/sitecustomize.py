"""Found by Python when it starts: a connection to anything but this machine fails at once, and is written down."""

import os
import socket
from pathlib import Path
from typing import Any

_connect = socket.socket.connect


def connect(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "localhost"
    if host in ("localhost", "::1") or host.startswith("127."):
        return _connect(self, address)
    with Path(os.environ["MILLRACE_REFUSED_CONNECTIONS"]).open("a") as file:
        file.write(f"{host}\n")
    raise OSError(f"no way to {host}")


socket.socket.connect = connect
