"""RabbitMQ as the benchmark sees it: a virtual host of its own, depths of queues, the CPU time of the server."""
import contextlib
import pathlib
import shutil
import subprocess
import urllib.parse

import amqp

import process

LOCAL = {"localhost", "127.0.0.1", "::1"}


class Broker:
    """One connection that looks at queues; `url` is where the measured ones have to connect to."""

    def __init__(self, url):
        self.url = url
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or (5671 if parts.scheme == "amqps" else 5672)
        self._connection = amqp.Connection(
            host=f"{self.host}:{self.port}",
            userid=urllib.parse.unquote(parts.username or "guest"),
            password=urllib.parse.unquote(parts.password or "guest"),
            virtual_host=urllib.parse.unquote(parts.path.lstrip("/")) or "/",
            ssl=parts.scheme == "amqps",
            heartbeat=0,
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self.version = self._connection.server_properties.get("version", "unknown")

    def close(self):
        self._connection.close()

    def look(self, queue):
        """Messages that wait in a queue and its consumers; None when there is no such queue."""
        try:
            seen = self._channel.queue_declare(queue, passive=True)
        except amqp.exceptions.NotFound:
            self._channel = self._connection.channel()
            return None
        return seen.message_count, seen.consumer_count

    def drain(self, queue):
        """Takes every message out of a queue and returns the bodies."""
        bodies = []
        while message := self._channel.basic_get(queue, no_ack=True):
            body = message.body
            bodies.append(body.encode() if isinstance(body, str) else bytes(body))
        return bodies

    def delete(self, queues, exchanges=()):
        for queue in queues:
            self._channel.queue_delete(queue)
        for exchange in exchanges:
            self._channel.exchange_delete(exchange)

    def cpu_seconds(self):
        """CPU time of the server process, when it runs on this machine and may be looked at; otherwise None."""
        if not hasattr(self, "_server"):
            self._server = _listener(self.port) if self.host in LOCAL else None
        return process.cpu_seconds([self._server]) if self._server else None


def _listener(port):
    """The id of the process that listens on a TCP port of this machine."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError), open(table) as rows:
            for fields in map(str.split, rows):
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{fields[9]}]")
    for handle in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(handle.readlink()) in sockets:
                return int(handle.parts[2])
    return None


@contextlib.contextmanager
def own_virtual_host(url, name):
    """Yields the URL of a new virtual host, which is deleted afterwards; `url` itself where none can be made."""
    parts = urllib.parse.urlsplit(url)
    user = urllib.parse.unquote(parts.username or "guest")
    made = parts.hostname in LOCAL and _rabbitmqctl("add_vhost", name)
    try:
        if made and _rabbitmqctl("set_permissions", "-p", name, user, ".*", ".*", ".*"):
            yield parts._replace(path=f"/{urllib.parse.quote(name, safe='')}").geturl()
        else:
            yield url
    finally:
        if made and not _rabbitmqctl("delete_vhost", name):
            print(f"the virtual host {name} could not be deleted")


def _rabbitmqctl(*arguments):
    tool = shutil.which("rabbitmqctl") or shutil.which("/usr/sbin/rabbitmqctl")
    return bool(tool) and subprocess.run([tool, "-q", *arguments], capture_output=True, timeout=60).returncode == 0
