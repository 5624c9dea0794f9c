"""``habeas serve``: portal and desk on one port, with one worker beside them."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys

from habeas.cli.main import Refused, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="web server processes (default: 1)")


def run(options: argparse.Namespace) -> None:
    check_free(options.host, options.port)
    start_django()
    serve(options.host, options.port, options.workers)


def check_free(host: str, port: int) -> None:
    """Raises Refused where something else listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(f"port {port} on {host} cannot be used ({error.strerror}); try --port {port + 1}") from None


def serve(host: str, port: int, workers: int = 1) -> None:
    """Serve until stopped. The worker is a process of its own: it outlives a slow page and dies with the server."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    jobs = subprocess.Popen([sys.executable, "-m", "habeas.cli", "worker"], env=os.environ.copy())
    try:
        Server(
            "habeas.web.site.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        jobs.terminate()
        jobs.wait(timeout=30)
