"""Briefs to test with: the smallest that is valid, texts of others, and folders full of them."""

import json
import os
from collections.abc import Mapping
from copy import copy
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from bot.answering.matcher import Matcher, Thresholds
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import read_brief
from tools.matchers import matcher_of

PROPERTY = settings(max_examples=150 if os.environ.get("CI") else 50, deadline=None, derandomize=True)
"""The same examples each time, however slow the machine: a red test stays red until the code is mended."""

ANY_CHARACTER = st.characters(codec=None, exclude_categories=["Cs"])
"""Every character but surrogates. Hypothesis's own default takes five seconds of each process to find them."""

MINIMAL = """\
title: Ships
summary: Ships carry things.
as_of: 2024-10
sources:
  - name: A report
"""
"""Five lines, so that what a test adds stands on line 6."""


def brief_text(**keys: object) -> str:
    """Return a valid brief with ``keys`` set, one on a line; a value starts three columns after its key's length."""
    content = {
        "title": "Ships",
        "summary": "Ships carry things.",
        "as_of": "2024-10",
        "sources": [{"name": "A report"}],
    }
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in (content | keys).items())


def problems_in(content: str | bytes, path: str = "ships.yaml") -> list[str]:
    """Return what is wrong with one file, each as ``line:column: message``."""
    file = read_brief(path, content.encode() if isinstance(content, str) else content)
    assert bool(file.brief) != bool(file.problems), "a file gives either a brief or problems"
    return [str(problem).removeprefix(f"{path}:") for problem in file.problems]


def a_brief(brief_id: str = "ships", **keys: object) -> Brief:
    """Return a valid brief with ``keys`` set."""
    file = read_brief(f"{brief_id}.yaml", brief_text(**keys).encode())
    assert file.brief, file.problems
    return file.brief


def base_of(*briefs: Brief) -> BriefBase:
    """Return the base that ``briefs`` make."""
    return BriefBase({brief.id: brief for brief in briefs})


def judging(base: BriefBase, **thresholds: float) -> Matcher:
    """Return a matcher over ``base`` with these thresholds in place of its own. It shares the index of the other."""
    indexed = matcher_of(base)
    assert indexed.ranker
    matcher = copy(indexed)
    matcher.thresholds = Thresholds(**thresholds)
    return matcher


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write ``files``, by name, into ``folder`` and return it."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
