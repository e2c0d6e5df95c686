"""Whether the tests notice what must never break: each mutant of tests/mutants.yaml takes one safeguard out of a copy.

    python -m tests.mutants             # all of them
    python -m tests.mutants erased gate # those with one of these words in their name

As many are tried at once as there are processors, each in a copy of its own.
A mutant that its tests do not notice survives, and the exit code is 1 then; so it is if the table no longer fits the
code, or if the tests fail without any mutant.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import yaml

ROOT = Path(__file__).parent.parent
TABLE = Path(__file__).with_suffix(".yaml")

LONGEST = 120.0
"""Seconds that the tests of one mutant may take: one that never ends is noticed too."""

_FAILED = 1
"""What pytest exits with if tests failed; other numbers say that there were none, or that they could not be run."""


@dataclass(frozen=True)
class Mutant:
    """A safeguard taken out: ``text``, which stands once in ``file``, gives way to ``becomes``; ``tests`` turn red."""

    name: str
    file: str
    text: str
    becomes: str
    tests: tuple[str, ...]

    def misfit(self, root: Path) -> str | None:
        """Return why the mutant cannot be made of the code below ``root``, None if it can."""
        times = (root / self.file).read_text().count(self.text)
        return None if times == 1 else f"its text stands {times} times in {self.file}, not once"


def mutants() -> list[Mutant]:
    """Return the mutants of the table."""
    rows = yaml.load(TABLE.read_text(), yaml.CSafeLoader)
    return [Mutant(row["name"], row["file"], row["text"], row["becomes"], tuple(row["tests"])) for row in rows]


def main(words: Sequence[str]) -> int:
    """Try the mutants with one of ``words`` in their name, all if there are no words, and return the exit code."""
    chosen = [mutant for mutant in mutants() if not words or any(word in mutant.name for word in words)]
    if not chosen:
        print("no mutant has such a name", file=sys.stderr)
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [Path(folder, str(number)) for number in range(min(_processors(), len(chosen)))]
        _copy_to(copies[0])
        if failed := _failures(copies[0], sorted({test for mutant in chosen for test in mutant.tests})):
            print(f"The tests fail without any mutant; mend that first:\n{failed}", file=sys.stderr)
            return 1
        verdicts = _verdicts(copies, chosen)
    lost = len(verdicts) - verdicts.count("killed")
    print(f"{len(verdicts)} mutants, {lost} of them not killed, in {time.monotonic() - began:.0f} s")
    return 1 if lost else 0


def _processors() -> int:
    return os.cpu_count() or 1


def _verdicts(copies: Sequence[Path], chosen: Sequence[Mutant]) -> list[str]:
    """Try all mutants, as many at once as there are copies, and return what became of each."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        if copy != copies[0]:
            shutil.copytree(copies[0], copy, symlinks=True)  # with the bytecode that the first run has made
        free.put(copy)

    def verdict(mutant: Mutant) -> str:
        copy = free.get()
        try:
            return _verdict(copy, mutant)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(verdict, chosen))


def _verdict(copy: Path, mutant: Mutant) -> str:
    """Try one mutant and return what became of it, having said so."""
    if misfit := mutant.misfit(copy):
        verdict = f"NO MUTANT: {misfit}"
    else:
        with _mutated(copy / mutant.file, mutant):
            verdict = _noticed(copy, mutant.tests)
    print(f"{verdict.upper() if verdict != 'killed' else verdict:8}  {mutant.name}", flush=True)
    return verdict


@contextmanager
def _mutated(file: Path, mutant: Mutant) -> Iterator[None]:
    before, status = file.read_text(), file.stat()
    file.write_text(before.replace(mutant.text, mutant.becomes))
    os.utime(file, (0, 0))  # a time of its own, so that bytecode of the file as it was is not taken for it
    try:
        yield
    finally:
        file.write_text(before)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _failures(copy: Path, tests: Sequence[str]) -> str:
    """Return which of ``tests`` fail, or why they cannot be run; nothing if all of them pass."""
    several = min(_processors(), len(tests) // 20)
    ran = _tested(copy, [f"--numprocesses={several}", *tests], bytecode=True)
    said = (ran.stdout + ran.stderr).decode(errors="replace").splitlines()
    return "\n".join([line for line in said if line.startswith(("FAILED", "ERROR"))] or said) if ran.returncode else ""


def _noticed(copy: Path, tests: Sequence[str]) -> str:
    """Return what ``tests`` make of the code in ``copy``: killed, survived, or that they could not be run."""
    try:
        ran = _tested(copy, ["-p", "no:xdist", "--exitfirst", *tests], LONGEST)
    except subprocess.TimeoutExpired:
        return "killed"
    if ran.returncode in (0, _FAILED):
        return "killed" if ran.returncode else "survived"
    return "not run: " + (ran.stderr or ran.stdout).decode(errors="replace").strip().rpartition("\n")[2]


def _tested(
    copy: Path, arguments: Sequence[str], within: float | None = None, *, bytecode: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Run tests in ``copy``, and keep the bytecode of what they import if it is of no mutant."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "" if bytecode else "1"}  # empty is as good as unset
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=within, check=False)


def _copy_to(folder: Path) -> None:
    """Copy all files of the project that Git knows, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():  # one that was deleted is still listed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
