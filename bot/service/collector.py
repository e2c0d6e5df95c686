"""Collects the numbers of `/metrics` from the parts that count them."""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from bot.answering.answer import Outcome
from bot.authoring.keeper import BaseKeeper
from bot.commands.brief import MemberDesk
from bot.gateway.client import BriefClient
from bot.gateway.connection import Vitals
from bot.metrics import Family, Histogram, Kind, exposition
from bot.service.diagnostics import dropped_lines
from bot.storage.database import Database
from bot.storage.lookups import Via
from bot.version import VERSION

Values = Mapping[tuple[str, ...], float | Histogram]

_STARTED = time.time()
_PROCESS = Path("/proc/self")


def _family(kind: Kind, name: str, text: str, values: Values | float | Histogram, *labels: str) -> Family:
    return Family(name, kind, text, values if isinstance(values, Mapping) else {(): values}, labels)


_counter = partial(_family, "counter")
_gauge = partial(_family, "gauge")
_histogram = partial(_family, "histogram")


@dataclass(frozen=True, slots=True)
class Collector:
    """Reads the counts of the parts of a bot."""

    client: BriefClient
    desk: MemberDesk
    keeper: BaseKeeper
    database: Database
    vitals: Vitals

    def exposition(self) -> str:
        """Return all metrics in the text format of Prometheus."""
        return exposition(
            (
                *self._of_members(),
                *self._of_briefs(),
                *self._of_log(),
                *self._of_connection(),
                *self._of_background(),
                *_of_process(),
            )
        )

    def _of_members(self) -> list[Family]:
        client, desk = self.client, self.desk
        # All are listed from the start with 0, because Prometheus sees no increase in a series that begins with 1.
        lookups: Values = {
            (outcome, via): desk.lookup_counts[outcome, via]
            for outcome in get_args(Outcome)
            for via in get_args(Via)
            if via != "console"
        }
        limited, failed = client.intake.limited, client.error_replies.failed
        undelivered = client.adapter.undelivered + client.message_replies.undelivered
        responses: Values = {(kind,): times for kind, times in client.recent.response_seconds.items()}
        return [
            _counter("briefbot_lookups_total", "Lookups, by what came of them.", lookups, "outcome", "via"),
            _histogram("briefbot_lookup_seconds", "Time of finding the brief alone.", desk.lookup_seconds),
            _histogram("briefbot_response_seconds", "From arrival to first response delivered.", responses, "type"),
            _counter("briefbot_undelivered_total", "Responses that did not arrive.", undelivered),
            _counter("briefbot_rate_limited_total", "Interactions and questions that came too fast.", limited),
            _counter("briefbot_failed_total", "Interactions that ended in an error with a reference.", failed),
        ]

    def _of_briefs(self) -> list[Family]:
        keeper = self.keeper
        reloads: Values = {("success",): keeper.reloads["success"], ("failure",): keeper.reloads["failure"]}
        return [
            _counter("briefbot_reloads_total", "New content of the files, used or refused.", reloads, "result"),
            _gauge("briefbot_briefs", "Briefs in use.", len(keeper.matcher.base.briefs)),
            _gauge("briefbot_problems", "Problems that keep the files' content out of use.", len(keeper.problems)),
        ]

    def _of_log(self) -> list[Family]:
        database = self.database
        return [
            _gauge("briefbot_log_queue_length", "Writes that are not durable yet.", database.waiting),
            _counter("briefbot_log_dropped_total", "Writes that were lost.", database.dropped),
            _gauge("briefbot_log_writable", "Whether the log can be written: 1 or 0.", int(not database.failure)),
        ]

    def _of_connection(self) -> list[Family]:
        client = self.client
        up: Values = {(str(shard),): int(client.hears(shard)) for shard in client.sessions}
        latencies = {(str(shard),): socket.latency for shard, socket in client.sockets.items() if client.hears(shard)}
        known: Values = {shard: latency for shard, latency in latencies.items() if math.isfinite(latency)}
        return [
            _gauge("briefbot_gateway_connected", "Whether a shard has a session: 1 or 0.", up, "shard"),
            _gauge("briefbot_gateway_latency_seconds", "From a heartbeat to its echo.", known, "shard"),
            _gauge("briefbot_event_loop_lag_seconds", "By how much the event loop came late.", self.vitals.lag),
        ]

    def _of_background(self) -> list[Family]:
        background = self.client.background
        up: Values = {(name,): int(name not in background.down) for name in background.names}
        failures: Values = {(name,): background.failures[name] for name in background.names}
        return [
            _gauge("briefbot_background_up", "Whether work beside the answers goes on: 1 or 0.", up, "work"),
            _counter("briefbot_background_failures_total", "How often it has failed.", failures, "work"),
        ]


def _of_process() -> list[Family]:
    """Return the metrics of the process; those with ``process_`` are named as Prometheus' own libraries name them."""
    families = [
        _gauge("briefbot_build_info", "The version that runs; always 1.", {(VERSION,): 1}, "version"),
        _counter("briefbot_diagnostics_dropped_total", "Lines of the diagnostic log not written.", dropped_lines()),
        _gauge("process_start_time_seconds", "When the process was started, in Unix time.", _STARTED),
        _counter("process_cpu_seconds_total", "Processor time, of user and system.", time.process_time()),
    ]
    if _PROCESS.is_dir():  # Linux
        resident = int((_PROCESS / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        families += [
            _gauge("process_resident_memory_bytes", "Memory in use.", resident),
            _gauge("process_open_fds", "Open file descriptors.", len(os.listdir(_PROCESS / "fd"))),
        ]
    return families
