"""`make bench`: measure, print, and write bench/RESULTS.md."""

import argparse
import asyncio
import importlib.metadata
import os
import platform
import random
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from types import MappingProxyType

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import bots, stalls
from bench.ablation import ABLATIONS
from bench.cases import Case, cases
from bench.datasets import Dataset, Phrases, from_folder, made, misspelt, sampled, shipped, texts_of
from bench.decisions import Decisions, decide, together
from bench.measures import Rank, milliseconds, quality, reliability
from bench.peers import PEERS
from bot.answering.completion import Completer
from bot.answering.matcher import Matcher, Thresholds
from bot.answering.ranking.ranker import Ranker
from bot.language.fillers import fillers
from bot.language.normalise import normalise
from bot.language.stemming import stemmer

LEVELS = Thresholds()

RESULTS = Path(__file__).parent / "RESULTS.md"
SIZES = (14, 150, 1_500, 15_000, 100_000)
EVERY = 20
SLOW_PEER = 15_000
"""Phrases from which a peer is asked fewer queries: some take half a second for each."""

Row = tuple[str, ...]
console = Console()


def ours(phrases: Phrases, texts: Mapping[str, str] = MappingProxyType({})) -> Rank:
    """Return our own ranker, which gets its phrases and texts normalised as the bot normalises them."""
    normalised = {brief: list(map(normalise, wordings)) for brief, wordings in phrases.items()}
    ranker = Ranker(
        normalised, stemmer("english"), {brief: normalise(text) for brief, text in texts.items()}, fillers("english")
    )
    return lambda query: ranker.rank(normalise(query))


class Report:
    """Tables for the screen and for the file."""

    def __init__(self) -> None:
        self.text = ""

    def say(self, line: str) -> None:
        console.print(f"\n{line}" if line.startswith("#") else line, markup=False)
        self.text += f"\n{line}\n"

    def table(self, head: Row, rows: Iterable[Row]) -> None:
        shown = Table(*head)
        self.text += f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}\n"
        for row in rows:
            shown.add_row(*row)
            self.text += f"| {' | '.join(row)} |\n"
        console.print(shown)


def measure_quality(report: Report, datasets: list[Dataset]) -> None:
    report.say("## Beside others: accuracy@1 / recall@3 / AUROC of the score for being in scope")
    report.say(f"Some take minutes: of the data's queries in scope every {EVERY}th is asked, the same for all.")
    datasets = [data if len(data.queries) < 1000 else sampled(data, EVERY) for data in datasets]
    rows: list[Row] = []
    for name, build in track([*PEERS.items(), ("briefbot", ours)], "quality", console=console):
        rows.append((name, *(_triple(quality(build(data.phrases), data.queries)) for data in datasets)))
    report.table(("", *(data.name for data in datasets)), rows)


def measure_decisions(report: Report, asked: Iterable[Case]) -> None:
    report.say(
        f"## Decisions: answered for all to read from {LEVELS.answer}, shown to the asker alone from {LEVELS.show},"
        f" asked back about from a chance of {LEVELS.suggest} that any brief is meant"
    )
    report.say(
        "The halves that `python -m bench.fit` was not fitted on. Right at once is answered or shown rightly; right or"
        " offered counts the lists as well."
    )
    found = [decide(case.half(held_out=True)) for case in track(list(asked), "decisions", console=console)]
    report.table(Decisions.HEAD, [one.row() for one in [*found, together("all of these", found)]])


def measure_bases(report: Report, asked: Iterable[Case]) -> None:
    report.say("## Real bases beside others: accuracy@1 over the questions in scope, the same for all")
    chosen = [case for case in asked if len(case.questions) < 1000 and any(right for _, right in case.questions)]
    rows: list[Row] = []
    for name, build in track(PEERS.items(), "bases", console=console):
        rows.append((name, *(_accuracy(build(_phrases(case)), case) for case in chosen)))
    matchers = [Matcher(case.base) for case in chosen]
    ranks = [lambda query, m=m: [(one.brief.id, one.confidence) for one in m.rank(query, 1)] for m in matchers]
    rows.append(("briefbot", *(_accuracy(rank, case) for rank, case in zip(ranks, chosen, strict=True))))
    report.table(("", *(case.name for case in chosen)), rows)


def _phrases(case: Case) -> dict[str, list[str]]:
    return {brief.id: list(brief.phrases) for brief in case.base.briefs.values()}


def _accuracy(rank: Rank, case: Case) -> str:
    inside = [(query, right) for query, right in case.questions if right]
    best = [(rank(query)[:1], right) for query, right in inside]
    return _share(sum(bool(found) and found[0][0] in right for found, right in best), len(inside))


def measure_reliability(report: Report, datasets: list[Dataset]) -> None:
    report.say(
        "## Reliability: how often the best brief is right, for each tenth of confidence (number; stated → true)"
    )
    rows: list[Row] = []
    for data in track(datasets, "reliability", console=console):
        rank = ours(data.phrases)
        found = [(rank(query)[:1], brief) for query, brief in data.queries]
        stated = [best[0][1] if best else 0.0 for best, _ in found]
        right = [bool(best) and best[0][0] == brief for best, brief in found]
        rows.append((data.name, *(f"{n}; {a:.2f} → {b:.2f}" for n, a, b in reliability(stated, right))))
    width = max(map(len, rows))
    head = ("", *(f"{tenth / 10:.1f}" for tenth in range(width - 1)))
    report.table(head, [row + ("",) * (width - len(row)) for row in rows])


def measure_ablation(report: Report, asked: Iterable[Case]) -> None:
    report.say(
        "## Ablation: each ingredient taken away, the constants as they are, over all questions of the real bases"
    )
    chosen = [case for case in asked if len(case.questions) < 1000]
    rows = []
    for name, without in track(ABLATIONS.items(), "ablation", console=console):
        with without():
            rows.append(together(name, [decide(case) for case in chosen]).row())
    report.table(Decisions.HEAD, rows)


def measure_speed(report: Report, sizes: Iterable[int]) -> None:
    report.say("## Speed: processor time of one query, median / 99th percentile in ms, by the number of phrases")
    report.say(
        "Ours searches a text for each brief besides, as long as a card's. Each index is built with empty caches."
    )
    bases = [made(size) for size in sizes]
    rows: list[Row] = []
    for name, build in track(PEERS.items(), "speed", console=console):
        cells = []
        for data in bases:
            slow = data is not bases[0] and len(data.phrases) * 10 >= SLOW_PEER
            texts = [query for query, _ in data.queries][: 60 if slow else None]
            cells.append("{:.2f} / {:.2f}".format(*milliseconds(build(data.phrases), texts)))
        rows.append((name, *cells))
    rows.append(("briefbot", *(_query(data) for data in track(bases, "our speed", console=console))))
    rows.append(("briefbot, completion", *(_completion(data) for data in bases)))
    rows.append(("briefbot, a query of 6,000 characters", *(_long_query(data) for data in bases)))
    rows.append(("briefbot, building the index", *(_build(data) for data in bases)))
    report.table(("", *(data.name for data in bases)), rows)


def _query(data: Dataset) -> str:
    rank = ours(data.phrases, texts_of(data))
    return "{:.2f} / {:.2f}".format(*milliseconds(rank, [query for query, _ in data.queries]))


def _completion(data: Dataset) -> str:
    texts = [normalise(text) for phrases in data.phrases.values() for text in phrases]
    completer = Completer(texts, [b for b, phrases in enumerate(data.phrases.values()) for _ in phrases])
    typed = [normalise(query)[: 3 + number % 10] for number, (query, _) in enumerate(data.queries)]
    return "{:.2f} / {:.2f}".format(*milliseconds(lambda text: completer.find(text, 25), typed))


def measure_recall(report: Report, datasets: list[Dataset]) -> None:
    report.say("## Completion: recall@3 of a title typed to 5 or more characters with one typing error")
    chance = random.Random(1)
    rows: list[Row] = []
    for data in datasets:
        titles = {brief: normalise(brief.replace("_", " ")) for brief in data.phrases}
        phrases = [
            (brief, text) for brief, title in titles.items() for text in (title, *map(normalise, data.phrases[brief]))
        ]
        completer = Completer([text for _, text in phrases], [list(titles).index(brief) for brief, _ in phrases])
        long = [(brief, title) for brief, title in titles.items() if len(title) >= 5]
        found = 0
        for number in range(1000):
            brief, title = long[number % len(long)]
            typed = misspelt(title[: chance.randint(5, len(title))], chance)
            found += list(titles).index(brief) in completer.find(typed, 25)[:3]
        rows.append((data.name, f"{found / 1000:.3f}"))
    report.table(("", "recall@3"), rows)


def _long_query(data: Dataset) -> str:
    rank = ours(data.phrases, texts_of(data))
    text = " ".join(query for query, _ in data.queries)[:6000]
    return "{:.1f} / {:.1f}".format(*milliseconds(rank, [text] * 20))


def _build(data: Dataset) -> str:
    texts = texts_of(data)
    started = process_time()
    ours(data.phrases, texts)
    seconds = process_time() - started
    tracemalloc.start()
    kept = ours(data.phrases, texts)
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del kept
    return f"{seconds:.2f} s, {size:.1f} MB"


def measure_bots(report: Report) -> None:
    """Compare the running bot with others."""
    measured = asyncio.run(bots.measure())
    report.say("## Beside other bots of discord.py, over a fake Discord on the loopback interface")
    report.say(
        f"Medians of {bots.STARTS} starts and {bots.BLOCKS} blocks, in turn. A block is {sum(bots.MEMBERS.values())} "
        f"lookups: {bots.MEMBERS[1]} of one member after another, whose replies are timed, the others of 8 and of 32 "
        f"members at once. The fakes share the machine. {measured.disturbed} of {measured.blocks} blocks were left "
        "out, because others used the machine. The naive bot is bench/naive.py."
    )
    for title, (head, *rows) in bots.tables(measured):
        report.say(f"### {title.capitalize()}")
        report.table(head, rows)


def measure_stalls(report: Report) -> None:
    """Measure how long members wait while the bot has other work."""
    report.say("## While the bot has other work: time until a reply")
    report.say(
        f"{stalls.PER_SECOND} questions a second, whether or not earlier ones are answered; see bench/stalls.py."
    )
    rows = [row for work in track(stalls.WORKS, "stalls", console=console) for row in stalls.rows(work)]
    report.table(stalls.HEAD, rows)


def _triple(figures: tuple[float, float, float]) -> str:
    return " / ".join(f"{figure:.3f}" for figure in figures)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with phrases-*.jsonl and queries-*.jsonl")
    parser.add_argument(
        "--only", choices=["quality", "speed", "bots", "stalls"], help="measure only this, and write no file"
    )
    options = parser.parse_args()
    report = Report()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "rapidfuzz", "bm25s"))
    report.say(f"# Results of {datetime.now(UTC):%Y-%m-%d}")
    report.say(f"`make bench`, on {machine}; {versions}. All figures of a table come from one run on one machine.")
    datasets = [shipped(), *(from_folder(options.data) if options.data else ())]
    asked = list(cases(options.data))
    bases = list({id(data.phrases): data for data in datasets}.values())
    measures: list[tuple[str, Callable[[], None]]] = [
        ("quality", lambda: measure_quality(report, datasets)),
        ("quality", lambda: measure_bases(report, asked)),
        ("quality", lambda: measure_decisions(report, asked)),
        ("quality", lambda: measure_reliability(report, datasets)),
        ("quality", lambda: measure_recall(report, bases)),
        ("quality", lambda: measure_ablation(report, asked)),
        ("speed", lambda: measure_speed(report, SIZES)),
        ("bots", lambda: measure_bots(report)),
        ("stalls", lambda: measure_stalls(report)),
    ]
    for kind, measure in measures:
        if options.only in (None, kind):
            measure()
    if not options.only:
        RESULTS.write_text(report.text.lstrip(), encoding="utf-8")
        console.print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
