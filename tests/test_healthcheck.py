"""The check of a container's health: what it makes of the bot's answer, and of none."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tools.environment import HANGS, ROOT


@contextmanager
def answering(status: int, text: str) -> Iterator[int]:
    """Answer `/healthz` on a port, for the time of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def asked(port: str) -> tuple[int, str, str]:
    """Run the health check, behind a proxy that there is not."""
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/healthcheck.py"],
        env={"HEALTH_PORT": port, "http_proxy": "http://127.0.0.1:9"},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("address", ["", "0.0.0.0:"])
@pytest.mark.parametrize(("status", "text", "code"), [(200, "live\n", 0), (503, "not live: stuck\n", 1)])
def test_a_container_is_as_healthy_as_the_bot_says(address: str, status: int, text: str, code: int) -> None:
    with answering(status, text) as port:
        assert asked(f"{address}{port}") == (code, text, "")


def test_a_bot_that_does_not_answer_is_not_healthy() -> None:
    with answering(200, "") as port:
        pass
    code, out, errors = asked(str(port))
    assert (code, errors) == (1, "")
    assert out.startswith(f"no answer on port {port}: ")
