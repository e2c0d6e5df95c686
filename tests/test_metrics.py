"""Metrics: the text is what Prometheus' format 0.0.4 and its conventions ask for."""

import re
from collections import defaultdict
from itertools import pairwise

import pytest

from bot.metrics import Family, Histogram, Kind, exposition

NAME = r"[a-z][a-z0-9_]*"
TEXT = r'"(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({NAME}={TEXT}(?:,{NAME}={TEXT})*)\}})? (\+Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)")

Samples = dict[str, dict[str, float]]
"""By the name of a metric's family: what its samples are named, labels and all, and their values."""


def parsed(text: str) -> Samples:
    """Read the format strictly: families apart, each with HELP, TYPE and conventional names, no sample twice."""
    assert text.endswith("\n")
    families: Samples = {}
    for block in re.split(r"^(?=# HELP )", text, flags=re.MULTILINE)[1:]:
        about, kind, *lines = block.removesuffix("\n").split("\n")
        head = re.fullmatch(rf"# HELP ({NAME}) (\S.*\.)", about)
        assert head, about
        name = head[1]
        assert name not in families
        typed = re.fullmatch(rf"# TYPE {name} (counter|gauge|histogram)", kind)
        assert typed, kind
        assert name.endswith("_total") == (typed[1] == "counter")
        suffixes = ("_bucket", "_sum", "_count") if typed[1] == "histogram" else ("",)
        families[name] = {}
        for line in lines:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1].removeprefix(name) in suffixes
            full = line.rpartition(" ")[0]
            assert full not in families[name]
            families[name][full] = float(sample[3])
        if typed[1] == "histogram":
            check_buckets(families[name])
    return families


def check_buckets(samples: dict[str, float]) -> None:
    """See that bounds and counts ascend, and that the infinite bucket holds all."""
    series = defaultdict(list)
    for full, value in samples.items():
        if bound := re.search(r',?le="([^"]+)"', full):
            series[full.replace(bound[0], "").replace("{}", "")].append((float(bound[1]), value))
    for full, buckets in series.items():
        assert buckets[-1] == (float("inf"), samples[full.replace("_bucket", "_count")])
        assert all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(buckets))


def test_a_family_without_labels_is_one_sample() -> None:
    text = exposition([Family("things", "gauge", "Things.", {(): 3})])
    assert text == "# HELP things Things.\n# TYPE things gauge\nthings 3\n"


@pytest.mark.parametrize("kind", ["counter", "gauge"])
def test_each_value_of_a_label_is_a_sample(kind: Kind) -> None:
    name = "things_total" if kind == "counter" else "things"
    text = exposition([Family(name, kind, "Things.", {("a", "b"): 1, ("a", "c"): 2.5}, ("of", "as"))])
    assert parsed(text) == {name: {f'{name}{{of="a",as="b"}}': 1, f'{name}{{of="a",as="c"}}': 2.5}}


def test_labels_and_help_cannot_break_out_of_their_line() -> None:
    text = exposition([Family("things", "gauge", "A \\ and\nmore.", {('say "\\"\nnow',): 1}, ("of",))])
    assert text.splitlines()[0] == r"# HELP things A \\ and\nmore."
    assert text.splitlines()[2] == r'things{of="say \"\\\"\nnow"} 1'
    assert len(text.splitlines()) == 3


def test_a_family_without_values_is_valid() -> None:
    assert parsed(exposition([Family("things", "gauge", "Things.", {}, ("of",))])) == {"things": {}}


def test_a_histogram_counts_in_the_first_bound_that_an_observation_does_not_exceed() -> None:
    histogram = Histogram((0.1, 0.5, 1.0))
    for value in (0.0, 0.1, 0.2, 0.5, 0.50001, 7.0):
        histogram.observe(value)
    assert histogram.cumulative() == [("0.1", 2), ("0.5", 4), ("1.0", 5), ("+Inf", 6)]
    samples = parsed(exposition([Family("waits", "histogram", "Waits.", {("x",): histogram}, ("of",))]))["waits"]
    assert samples['waits_bucket{of="x",le="0.5"}'] == 4
    assert samples['waits_count{of="x"}'] == 6
    assert samples['waits_sum{of="x"}'] == pytest.approx(8.30001)


def test_a_histogram_without_observations_is_all_zeros() -> None:
    samples = parsed(exposition([Family("waits", "histogram", "Waits.", {(): Histogram((0.1,))})]))["waits"]
    assert samples == {'waits_bucket{le="0.1"}': 0, 'waits_bucket{le="+Inf"}': 0, "waits_sum": 0, "waits_count": 0}
