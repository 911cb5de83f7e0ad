"""What was measured, as a table, as JSON and as a picture, and whether it is enough."""
import dataclasses
import json
import os
import pathlib
import statistics
import time

import picture

# The figures to reach; the floors below which the benchmark fails come from the command line.
RELAY_GOAL, PEER_GOAL = 0.7, 8.0


@dataclasses.dataclass
class Entry:
    """One row of the table: what is measured, and its figures of every round."""

    name: str
    queue_type: str
    settings: str
    # The subcommand of the binary, for our own rows; the framework for the others.
    subcommand: str = ""
    peer: object = None
    rounds: list = dataclasses.field(default_factory=list)
    failures: list = dataclasses.field(default_factory=list)

    def median(self, figure):
        """The median over the rounds; None when a round lacks the figure."""
        values = [each[figure] for each in self.rounds]
        return None if self.failures or not values or None in values else statistics.median(values)

    def runs_per_cpu_second(self):
        cost = self.median("cpu_ms_per_run")
        return 1000 / cost if cost else None

    def broker_ms_per_run(self):
        spent, messages = self.median("broker_cpu_s"), self.median("messages")
        return spent * 1000 / messages if spent is not None and messages else None


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A figure that has a goal and a floor; no value when a measurement is missing."""

    name: str
    value: float | None
    goal: float
    floor: float

    def text(self):
        if self.value is None:
            return f"{self.name}: not measured"
        goal = "reached" if self.value >= self.goal else "NOT reached"
        floor = "" if self.value >= self.floor else f", BELOW the floor of {self.floor:g}"
        return f"{self.name}: {self.value:.2f} (to reach {self.goal:g}: {goal}{floor})"


class Outcome:
    """Everything that the rounds gave."""

    def __init__(self, entries, given, broker_version, load):
        self.entries, self.given, self.broker_version, self.load = entries, given, broker_version, load
        self.peers = [entry for entry in entries if entry.peer]
        self.ratios = [] if given.only_peers else self._ratios()

    def _ours(self, subcommand, queue_type):
        return next((e for e in self.entries if e.subcommand == subcommand and e.queue_type == queue_type), None)

    def _against_relay(self, queue_type):
        """The median of the ratios of the rounds: a pair that was measured in a row."""
        relay, ours = self._ours("relay", queue_type), self._ours("passthrough", queue_type)
        if relay.failures or ours.failures:
            return None
        return statistics.median(
            our_round["runs_per_s"] / relay_round["runs_per_s"]
            for our_round, relay_round in zip(ours.rounds, relay.rounds, strict=True)
        )

    def against_peer(self, entry):
        """How many times the runs per CPU-second of a framework ours are, on its type of queue."""
        ours = self._ours("passthrough", entry.queue_type)
        if ours is None or not ours.runs_per_cpu_second() or not entry.runs_per_cpu_second():
            return None
        return ours.runs_per_cpu_second() / entry.runs_per_cpu_second()

    def _ratios(self):
        found = [self.against_peer(entry) for entry in self.peers]
        best = min(found) if found and None not in found else None
        ratios = [
            Ratio("Rolemill ÷ bare relay, runs/s", self._against_relay("quorum"), RELAY_GOAL, self.given.min_relay),
        ]
        if self.peers:
            name = "Rolemill ÷ best framework, runs per CPU-second of the workers"
            ratios.append(Ratio(name, best, PEER_GOAL, self.given.min_peer))
        return ratios

    def exit_code(self):
        missing = any(entry.failures or not entry.rounds for entry in self.entries) or not self.entries
        below = any(ratio.value is None or ratio.value < ratio.floor for ratio in self.ratios)
        return 1 if missing or below else 0

    def rows(self):
        """The table's cells, its head first."""
        yield ["", "queues", "runs/s", "CPU ms/run", "runs/CPU-s", "Rolemill ÷ it", "broker CPU ms/run", "memory MB"]
        for entry in self.entries:
            ratio = self.against_peer(entry) if entry.peer else None
            yield [
                entry.name,
                entry.queue_type,
                _number(entry.median("runs_per_s"), 0, "failed"),
                _number(entry.median("cpu_ms_per_run"), 2),
                _number(entry.runs_per_cpu_second(), 0),
                f"{ratio:.1f} ×" if ratio else "–",
                _number(entry.broker_ms_per_run(), 2),
                _number(entry.median("rss_mb"), 0),
            ]

    def notes(self):
        given = self.given
        if not given.only_peers:
            yield (
                f"{given.messages} runs of Rolemill and the relay, {given.peer_messages} of a framework; "
                "the broker's CPU of the former includes filling the first queue"
            )
        yield (
            f"medians of {given.rounds} rounds, everybody in turn in each; RabbitMQ {self.broker_version}; {_machine()}; "
            f"load average before {self.load:.1f}"
        )
        if self.load > (os.cpu_count() or 1) / 2:
            yield "the machine was busy with other things: the rates are too low and the costs too high"
        yield (
            "persistent messages in durable queues, confirms, acknowledged after the publish; "
            "the CPU is that of the worker processes"
        )
        for entry in self.entries:
            yield f"{entry.name} ({entry.queue_type}): {entry.settings}"
            for failure in entry.failures:
                yield f"{entry.name} ({entry.queue_type}) FAILED: {failure}"

    def verdicts(self):
        return [ratio.text() for ratio in self.ratios] or ["only the frameworks were measured: no ratio"]

    def text(self):
        """The table for a terminal."""
        rows = list(self.rows())
        widths = [max(map(len, column)) for column in zip(*rows)]
        aligns = [str.ljust, str.ljust, *[str.rjust] * (len(widths) - 2)]
        lines = ["  ".join(align(*cell) for align, *cell in zip(aligns, row, widths)) for row in rows]
        lines.insert(1, "─" * len(lines[0]))
        return "\n".join(["", *lines, "", *(f"  {note}" for note in self.notes()), "", *self.verdicts()])

    def markdown(self):
        head, *rows = self.rows()
        lines = [head, [":--", ":--", *["--:"] * (len(head) - 2)], *rows]
        table = ["| " + " | ".join(cells) + " |" for cells in lines]
        return "\n".join([*table, "", *(f"- {note}" for note in [*self.verdicts(), *self.notes()]), ""])

    def keep(self):
        """Writes bench-pipeline.json, .md and .svg into the folder of results."""
        folder = pathlib.Path(self.given.out)
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": _machine(),
            "load_before": self.load,
            "broker": self.broker_version,
            "measured": [
                {
                    "name": entry.name,
                    "queue_type": entry.queue_type,
                    "settings": entry.settings,
                    "runs_per_s": entry.median("runs_per_s"),
                    "cpu_ms_per_run": entry.median("cpu_ms_per_run"),
                    "runs_per_cpu_s": entry.runs_per_cpu_second(),
                    "broker_cpu_ms_per_run": entry.broker_ms_per_run(),
                    "rss_mb": entry.median("rss_mb"),
                    "rounds": entry.rounds,
                    "failures": entry.failures,
                }
                for entry in self.entries
            ],
            "ratios": [dataclasses.asdict(ratio) for ratio in self.ratios],
        }
        (folder / "bench-pipeline.json").write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n")
        (folder / "bench-pipeline.md").write_text(self.markdown())
        panels = [
            ("Runs per CPU-second of the worker processes", Entry.runs_per_cpu_second),
            ("Runs per second", lambda entry: entry.median("runs_per_s")),
        ]
        bars = [
            (title, [(f"{e.name}, {e.queue_type}", figure(e), e.subcommand or "peer") for e in self.entries])
            for title, figure in panels
        ]
        subtitle = f"medians of {self.given.rounds} rounds, {_machine()}, RabbitMQ {self.broker_version}"
        (folder / "bench-pipeline.svg").write_text(picture.draw("Five hops over RabbitMQ, more is better", subtitle, bars))


def _number(value, digits, missing="–"):
    return missing if value is None else f"{value:,.{digits}f}"


def _machine():
    names = [
        line.partition(":")[2].strip()
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{os.cpu_count()} × {names[0] if names else os.uname().machine}"
