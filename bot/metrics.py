"""Histograms, and the text format in which Prometheus reads metrics. Pure: the caller passes the values."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["counter", "gauge", "histogram"]

_IN_LABEL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


class Histogram:
    """Counts how many observed values are at most each bound, and adds them up. The bounds must ascend."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.sum = 0.0
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def cumulative(self) -> list[tuple[str, int]]:
        """Return each bound as Prometheus writes it, and the number of values up to it. The last bound is infinite."""
        total, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, total))
        return buckets


@dataclass(frozen=True, slots=True)
class Family:
    """A metric. ``values`` are keyed by the values of its ``labels``, or by () without labels. Times are in seconds."""

    name: str
    kind: Kind
    help: str
    values: Mapping[tuple[str, ...], float | Histogram]
    labels: tuple[str, ...] = ()


def exposition(families: Iterable[Family]) -> str:
    """Return the families in Prometheus' text format 0.0.4."""
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help.translate(_IN_HELP)}"
    yield f"# TYPE {family.name} {family.kind}"
    for values, value in family.values.items():
        labels = dict(zip(family.labels, values, strict=True))
        if isinstance(value, Histogram):
            for bound, count in value.cumulative():
                yield _sample(f"{family.name}_bucket", labels | {"le": bound}, count)
            yield _sample(f"{family.name}_sum", labels, value.sum)
            yield _sample(f"{family.name}_count", labels, value.cumulative()[-1][1])
        else:
            yield _sample(family.name, labels, value)


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    written = ",".join(f'{label}="{text.translate(_IN_LABEL)}"' for label, text in labels.items())
    return f"{name}{{{written}}} {value}" if written else f"{name} {value}"
