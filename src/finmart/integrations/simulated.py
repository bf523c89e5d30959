"""The web server around a simulated system of others: threads, no log, the path as it was sent."""

from socketserver import ThreadingMixIn
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Simulator(Protocol):
    """A WSGI application that keeps its state in a file until it is closed."""

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Any: ...

    def close(self) -> None: ...


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    simulator: Simulator | None = None

    def server_close(self) -> None:
        super().server_close()
        if self.simulator is not None:
            self.simulator.close()


class _QuietHandler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "RAW_PATH": self.path}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base
        """Say nothing: the caller's log tells what was asked."""


def served(simulator: Simulator, host: str, port: int) -> WSGIServer:
    """Return a server ready for ``serve_forever``; port 0 takes a free one, read it from ``server_port``.

    Its end closes the simulator. Raises OSError where the port is taken.
    """
    try:
        server = make_server(host, port, simulator, server_class=_Server, handler_class=_QuietHandler)
    except OSError:
        simulator.close()
        raise
    server.simulator = simulator
    return server
