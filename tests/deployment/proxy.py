# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs the proxy of the kit, HAProxy itself, in front of a stand-in: tests only."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import yaml

SHIPPED = pathlib.Path(__file__).parents[2] / "export" / "proxy"
COMPOSE = yaml.safe_load((SHIPPED.parent / "compose.yaml").read_text())["services"]["proxy"]
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
READY = "/v1/models/snas/labels/stable/metadata"


class Proxy:
    """HAProxy as compose.yaml starts it, with the shipped files but for the addresses.

    Args:
        folder: An empty folder for its files.
        server: What stands behind it: an object with `port` and `rest_port`.
        changes: Other texts of haproxy.cfg to replace, {shipped: tested}.
        wait: For the server behind it to be found healthy.

    Attributes:
        port: gRPC.
        rest_port: REST.
        metrics_port: Metrics.
        process: HAProxy.
    """

    def __init__(
        self, folder: pathlib.Path, server, changes: dict[str, str] | None = None, wait: bool = True
    ) -> None:
        folder = shutil.copytree(SHIPPED, folder / "proxy")
        self.port, self.rest_port, self.metrics_port = _free_ports(3)
        text = (folder / "haproxy.cfg").read_text()
        for shipped, tested in {
            "bind :8500": f"bind 127.0.0.1:{self.port}",
            "bind :8501": f"bind 127.0.0.1:{self.rest_port}",
            "bind :8502": f"bind 127.0.0.1:{self.metrics_port}",
            ":9500": f":{server.port}",
            ":9501": f":{server.rest_port}",
        }.items() | (changes or {}).items():
            assert shipped in text
            text = text.replace(shipped, tested)
        (folder / "haproxy.cfg").write_text(text)
        self._log = folder / "log"
        self._folder, self._wait = folder, wait

    def __enter__(self) -> Proxy:
        _, *arguments = COMPOSE["command"]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [HAPROXY, *(str(self._folder) if word == "/proxy" else word for word in arguments)],
                env=os.environ | {"SNAS_SERVER": "127.0.0.1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        path, port = (READY, self.rest_port) if self._wait else ("/health", self.metrics_port)
        for _ in range(600):
            assert self.process.poll() is None, self.log()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).close()
                return self
            time.sleep(0.05)
        self.__exit__()
        raise AssertionError(self.log())

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def stop(self) -> None:
        """As compose stops it."""
        self.process.send_signal(getattr(signal, COMPOSE["stop_signal"]))

    def log(self) -> str:
        return self._log.read_text()

    def send(self, request: bytes, half_close: bool = True) -> list[int]:
        """The statuses that bytes on a connection are answered with, until it is closed."""
        with socket.create_connection(("127.0.0.1", self.rest_port), timeout=30) as connection:
            with contextlib.suppress(OSError):  # it need not read what it refuses
                connection.sendall(request)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            answer = bytearray()
            with contextlib.suppress(OSError):
                while part := connection.recv(1 << 16):
                    answer += part
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]
