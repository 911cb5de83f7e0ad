"""Process groups: started, stopped for a moment, ended, and what they cost by the books of the kernel."""
import contextlib
import os
import pathlib
import signal
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid):
    """The fields of /proc/PID/stat from the third on (the name before them may hold blanks); None when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def cpu_seconds(pids):
    """User and system time of the processes, with that of their children that have ended."""
    stats = filter(None, map(_stat, pids))
    return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / TICKS


class Workers:
    """Worker processes of one framework, each command a session of its own, so that all its children are found."""

    def __init__(self, commands, environments, log):
        self._log = log
        self._roots = []
        with open(log, "wb") as out:
            for command, environment in zip(commands, environments):
                self._roots.append(
                    subprocess.Popen(
                        command,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )

    def pids(self):
        sessions = {root.pid for root in self._roots}
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            stat = _stat(folder.name)
            if stat and stat[0] != "Z" and int(stat[3]) in sessions:
                found.append(int(folder.name))
        return found

    def cpu_seconds(self):
        return cpu_seconds(self.pids())

    def memory_mb(self):
        """Resident memory; what processes share is counted once where the kernel tells (PSS)."""
        total = 0
        for pid in self.pids():
            try:
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
            except (OSError, StopIteration):
                with contextlib.suppress(OSError):
                    total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        return total / 1e6

    def check(self):
        """Raises when a worker has ended."""
        for root in self._roots:
            if root.poll() is not None:
                raise RuntimeError(f"a worker ended with exit code {root.returncode}: {self.last_words()}")

    def last_words(self):
        lines = pathlib.Path(self._log).read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-5:])

    def pause(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGCONT)

    def end(self):
        for root, ask in ((root, ask) for ask in (signal.SIGCONT, signal.SIGTERM) for root in self._roots):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(root.pid, ask)
        for root in self._roots:
            with contextlib.suppress(subprocess.TimeoutExpired):
                root.wait(timeout=15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(root.pid, signal.SIGKILL)
            root.wait()
