"""A PostgreSQL server to test with: the one TEST_POSTGRES_URL names, else one started from the binaries on PATH."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg

_Result = TypeVar("_Result")

URL = "TEST_POSTGRES_URL"
BINARIES = ("initdb", "pg_ctl", "postgres")
OPTIONS = "-c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=200"


class Server:
    """A server, each of whose schemas stands for a database of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._schemas: dict[Path, str] = {}

    def url(self, path: Path) -> str:
        """Return the URL of an empty database on first use of ``path``, and of the same one from then on."""
        if path not in self._schemas:
            self._schemas[path] = schema = f"test_{os.getpid()}_{len(self._schemas)}"
            self._run(lambda: self._execute(f"CREATE SCHEMA {schema}"))
        return f"{self._url}?search_path={self._schemas[path]}"

    def fetch(self, path: Path, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a query, as a program of its own would read them."""
        return self._run(lambda: self._fetch(self.url(path), sql))

    def execute(self, path: Path, sql: str) -> None:
        """Execute statements, as a program of its own would."""
        self._run(lambda: self._execute(sql, self.url(path)))

    def drop(self) -> None:
        """Drop all that was made."""
        for schema in self._schemas.values():
            self._run(lambda schema=schema: self._execute(f"DROP SCHEMA {schema} CASCADE"))  # type: ignore[misc]

    async def _execute(self, sql: str, url: str | None = None) -> None:
        connection = await asyncpg.connect(url or self._url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def _fetch(self, url: str, sql: str) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(url)
        try:
            return [dict(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    def _run(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Do it in a thread, for the test has an event loop of its own."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(work())).result()


def missing() -> str | None:
    """Return why there can be no server, if there can be none."""
    if os.environ.get(URL) or all(shutil.which(name) for name in BINARIES):
        return None
    return f"neither {URL} nor PostgreSQL's binaries on PATH"


@contextmanager
def started() -> Iterator[Server]:
    """Have a server for the time of the block."""
    if url := os.environ.get(URL):
        server = Server(url)
        yield server
        server.drop()
        return
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", _free_port()
        data.mkdir()
        user = _unprivileged()
        if user:  # the server refuses to be started by root
            for path in (Path(folder), data):
                os.chown(path, user.pw_uid, user.pw_gid)

        def run(*command: str) -> None:
            who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]

        pgdata = f"--pgdata={data}"
        run("initdb", pgdata, "--username=briefbot", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        where = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={quote(folder)}"
        run("pg_ctl", pgdata, f"--log={folder}/log", f"--options={where} {OPTIONS}", "--wait", "start")
        try:
            yield Server(f"postgresql://briefbot@127.0.0.1:{port}/postgres")
        finally:
            run("pg_ctl", pgdata, "--mode=immediate", "--wait", "stop")


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom to start the server as, if that cannot be whoever runs the tests."""
    if os.getuid() != 0:
        return None
    names = {each.pw_name: each for each in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
