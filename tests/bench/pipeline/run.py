#!/usr/bin/env python3
"""Five hops over RabbitMQ: a bare relay, Rolemill with stages that only pass on, and the frameworks it competes with.

Prints a table and keeps it as Markdown, JSON and SVG. Exits with 1 when a measurement is missing or a ratio lies below
its floor. The frameworks are installed into a virtual environment of its own under target/.
"""
import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TARGET = ROOT / "target"
VENV = TARGET / "bench-venv"
# Seconds that one call of the binary may take.
PATIENCE = 180
FIGURES = ("messages", "wall_s", "runs_per_s", "cpu_s_workers", "cpu_ms_per_run", "rss_mb")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=TARGET / "release/rolemill-bench")
    parser.add_argument("--amqp", default="amqp://guest:guest@127.0.0.1:5672", metavar="URL")
    parser.add_argument("--messages", type=int, default=6000, metavar="N", help="runs of the relay and of Rolemill")
    parser.add_argument("--peer-messages", type=int, default=1000, metavar="N", help="runs of a framework; at most --messages")
    parser.add_argument("--warm-up", type=int, default=200, metavar="N", help="runs of a framework before it is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="celery,dramatiq,faststream", metavar="NAMES")
    parser.add_argument("--only-peers", action="store_true", help="without the binary: no ratio, no floor")
    parser.add_argument("--min-relay", type=float, default=0.6, help="floor of pass-through ÷ bare relay, runs/s")
    parser.add_argument("--min-peer", type=float, default=3.0, help="floor of pass-through ÷ best framework, runs per CPU-second")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "tests/out", metavar="FOLDER")
    given = parser.parse_args()
    if min(given.messages, given.peer_messages, given.warm_up, given.rounds) < 1:
        parser.error("counts are 1 or more")
    given.peers = [name for name in given.peers.split(",") if name]
    given.peer_messages = min(given.peer_messages, given.messages)
    return given


def enter_environment():
    """Goes on inside the virtual environment, which is made or renewed when its requirements have changed."""
    # Neither this nor what it starts leaves compiled modules beside the sources.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    python = VENV / "bin/python"
    if pathlib.Path(sys.prefix) == VENV:
        return
    requirements = HERE / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / "requirements.sha256"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"installing the frameworks into {VENV.relative_to(ROOT)} …", file=sys.stderr, flush=True)
        try:
            venv.create(VENV, clear=True, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], check=True)
        except subprocess.CalledProcessError as error:
            sys.exit(f"the frameworks could not be installed: {error}")
        stamp.write_text(wanted)
    os.execv(python, [str(python), *sys.argv])


def call_binary(given, broker, subcommand, queue_type, prefix, bodies):
    """Runs one measurement of the binary and returns the figures it prints."""
    command = [
        given.binary, subcommand, "--amqp", broker.url, "--prefix", prefix, "--bodies", bodies,
        "--messages", given.messages, "--hops", "5", *(["--classic"] if queue_type == "classic" else []),
    ]
    cpu = broker.cpu_seconds()
    child = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        printed, complaint = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"it took over {PATIENCE} s") from None
    finally:
        # Whatever it started ends with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.returncode:
        raise RuntimeError(f"exit code {child.returncode}: {complaint.strip()[-600:]}")
    try:
        figures = json.loads(printed.strip().splitlines()[-1])
        wrong = [name for name in FIGURES if not figures[name] > 0]
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise RuntimeError(f"it printed no figures ({error!r})") from None
    if wrong or figures["messages"] != given.messages:
        raise RuntimeError(f"it printed figures that cannot be: {printed.strip()[-300:]}")
    return {**figures, "queue_type": queue_type, "broker_cpu_s": None if cpu is None else broker.cpu_seconds() - cpu}


def main():
    given = arguments()
    if not given.only_peers and not os.access(given.binary, os.X_OK):
        sys.exit(f"{given.binary} is missing: build it with cargo build --release, or ask for --only-peers")
    enter_environment()

    # These need the virtual environment.
    import bodies
    import peers
    import report
    from broker import Broker, own_virtual_host

    unknown = set(given.peers) - set(peers.PEERS)
    if unknown:
        sys.exit(f"no such framework: {', '.join(sorted(unknown))}; there are {', '.join(peers.PEERS)}")
    chosen = [peers.PEERS[name] for name in given.peers]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    work = TARGET / "bench-pipeline"
    shutil.rmtree(work, ignore_errors=True)
    path = work / "bodies.jsonl"
    bodies.write(path, max(given.messages, given.warm_up))

    entries = []
    if not given.only_peers:
        for queue_type in ["quorum", *(["classic"] if any(peer.queue_type == "classic" for peer in chosen) else [])]:
            entries.append(report.Entry("bare relay", queue_type, "lapin alone: consume, publish, confirm, ack", "relay"))
            entries.append(report.Entry("Rolemill", queue_type, "its worker loop, stages that pass on", "passthrough"))
    for peer in chosen:
        entries.append(report.Entry(f"{peer.name} {peer.version()}", peer.queue_type, peer.settings, peer=peer))

    load = os.getloadavg()[0]
    name = f"rolemill-bench-{os.getpid()}"
    with own_virtual_host(given.amqp, name) as url, contextlib.closing(Broker(url)) as broker:
        for number in range(1, given.rounds + 1):
            for place, entry in enumerate(entries):
                prefix = f"{name}-{number}-{place}"
                began = time.monotonic()
                try:
                    if entry.peer:
                        log = work / f"{entry.peer.module}.log"
                        figures = peers.measure(entry.peer, broker, prefix, path, given.peer_messages, given.warm_up, log)
                    else:
                        figures = call_binary(given, broker, entry.subcommand, entry.queue_type, prefix, path)
                    entry.rounds.append(figures)
                    said = f"{figures['runs_per_s']:.0f} runs/s, {figures['cpu_ms_per_run']:.2f} ms of CPU a run"
                except Exception as error:  # the others are measured all the same; the report and the exit code tell
                    entry.failures.append(f"round {number}, {type(error).__name__}: {error}")
                    said = f"FAILED, {type(error).__name__}: {error}"
                took = time.monotonic() - began
                print(
                    f"round {number}/{given.rounds}  {entry.name}, {entry.queue_type}: {said} ({took:.0f} s)",
                    file=sys.stderr, flush=True,
                )
        outcome = report.Outcome(entries, given, broker.version, load)
    print(outcome.text())
    outcome.keep()
    return outcome.exit_code()


if __name__ == "__main__":
    sys.exit(main())
