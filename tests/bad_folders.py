"""What stands in a folder of briefs and is no file of a brief: links, devices, names, and what editors leave behind."""

import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.bad_files import GOOD

Put = Callable[[Path], object]
"""Puts something at a path."""


def socket_at(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(before)


def _device(path: Path) -> None:
    """Make a device that is endless to read, or where that is forbidden a link to one."""
    with suppress(OSError):
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        return
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_000)


def _loop(path: Path) -> None:
    path.symlink_to(".loop")
    (path.parent / ".loop").symlink_to(path.name)


def _long_chain(path: Path) -> None:
    for n in range(60):  # the kernel follows 40
        (path.parent / f".hop{n}").symlink_to(f".hop{n + 1}")
    path.symlink_to(".hop0")


def _linked(target: str) -> Put:
    return lambda path: path.symlink_to(target)


def _by_way_of(make: Put, rest: str = "") -> Put:
    def put(path: Path) -> None:
        make(path.parent / ".hop")
        path.symlink_to(f".hop{rest}")

    return put


ODD: dict[str, Put] = {
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a socket": socket_at,
    "a device": _device,
    "50 MB of nothing": _sparse,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "two links to each other": _loop,
    "a chain of 60 links": _long_chain,
    "a dangling link": _linked("nowhere"),
    "an empty target": _linked("./"),
    "a link to a FIFO": _by_way_of(os.mkfifo),
    "a link to a socket": _by_way_of(socket_at),
    "a link to a folder": _by_way_of(Path.mkdir),
    "a link to the parent": _linked(".."),
    "a link to the root": _linked("/"),
    "a way out by a link to the parent": _by_way_of(_linked(".."), "/secret"),
    **{
        f"a link to {target}": _linked(target)
        for target in (".", "../secret", "../briefs-too/a.yaml", "/dev/zero", "/dev/full", "/dev/null", "/dev/urandom",
                       "/dev/tty", "/dev/stdin", "/dev/fd/0", "/proc/self/mem", "/proc/self/environ", "/proc/kmsg",
                       "/etc/passwd", "/nowhere/at/all", "x" * 255)
    },
}  # fmt: skip
"""What is at ``odd.yaml``, each of them one problem."""

REFUSED_NAMES = (
    "Upper.yaml", "with space.yaml", " first.yaml", "last .yaml", "under_score.yaml", "-dash.yaml", "a.b.yaml",
    "café.yaml", "북한.yaml", "🚢.yaml", "zero\u200bwidth.yaml", "re\u202eversed.yaml", "line\nfeed.yaml", "tab\t.yaml",
    "esc\x1b[31m.yaml", "bell\x07.yaml", "a" * 65 + ".yaml", "a" * 250 + ".yaml", "quote'.yaml", 'quote".yaml',
    "$(id).yaml", "`id`.yaml", "*.yaml", "a;b.yaml", "a|b.yaml", "back\\slash.yaml", "%00.yaml", "a..yaml", "~.yaml",
    "#.yaml", "troops.yml", "Troops.yml", "x.yaml.yml", os.fsdecode(b"\xff.yaml"), os.fsdecode(b"caf\xe9.yaml"),
    "+.yaml", "con .yaml", "a(1).yaml", "Copy of a.yaml", "a - Kopie.yaml",
)  # fmt: skip
"""Names under which a brief is one problem, whatever it holds."""

IGNORED_NAMES = (
    ".swp", ".odd.yaml.swp", ".odd.yaml.swo", "odd.yaml~", "#odd.yaml#", "odd.yaml.bak", "odd.yaml.orig",
    "odd.yaml.rej", "4913", ".#odd.yaml", "odd.yaml.tmp", "odd.yaml.swp", "odd.yaml.part", "odd.yaml.crdownload",
    "odd.YAML", "odd.Yaml", "odd.YML", "odd.yaml ", "odd.yaml\n", "odd", "yaml", "yml", ".yaml", ".yml", ".DS_Store",
    "._odd.yaml", "Thumbs.db", "desktop.ini", ".git", ".gitkeep", ".~lock.odd.yaml#", "odd.yaml.save", "odd.yaml.1",
    "odd.json", "odd.txt", ".nfs00000001", "..yaml", ".odd.yaml.kate-swp", ".goutputstream-ABC", "README.md",
    "odd.yaml.gz", "sedXYZ123",
)  # fmt: skip
"""Names of which nothing is said, whatever they hold: what editors, tools and systems leave beside the files."""


def leave(path: Path) -> None:
    """Leave what an editor would: the lock of Emacs is a link to nowhere."""
    if path.name.startswith(".#"):
        path.symlink_to("me@host.1234:1700000000")
    else:
        path.write_bytes(b"\xff{\0" + GOOD.encode())
