"""A mail server on this machine that fails where a test says so."""

import contextlib
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# Seconds that it does not answer.
HANGS = 20
ANSWERS = {
    "connect": "220 ready",
    "ehlo": "250-here\r\n250 STARTTLS",
    "starttls": "220 go on",
    "data": "354 go on",
    "end": "250 accepted",
}


@dataclass
class Failure:
    """What the server does in `phase`: "hang", "drop" (close the connection), or an answer such as "550 unknown".

    With `recipient` only in mails to it, and `times` times; in the phase "content" it closes the connection when half
    of the mail has come.
    """

    phase: str
    action: str
    recipient: str = ""
    times: int = 10**6


@dataclass
class Server:
    port: int = 0
    failures: list[Failure] = field(default_factory=list)
    # How often each recipient was named, and whose mails were accepted. What was accepted without an answer counts.
    tries: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    connections: int = 0
    # Mails in one connection before the server closes it.
    most_mails: int = 10**6
    # With this the server encrypts: from the beginning, or when the client asks for it.
    certificate: ssl.SSLContext | None = None
    encrypts_at_once: bool = False
    is_over: threading.Event = field(default_factory=threading.Event)

    def failure(self, phase: str, recipient: str = "") -> str:
        """What to do wrong now; "" for nothing."""
        for failure in self.failures:
            if failure.phase == phase and failure.recipient in ("", recipient) and failure.times > 0:
                failure.times -= 1
                return failure.action
        return ""


class Dropped(Exception):
    pass


class Conversation(socketserver.StreamRequestHandler):
    server: "Listener"

    def setup(self) -> None:
        if self.server.state.encrypts_at_once:
            self.encrypt()
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def encrypt(self) -> None:
        assert self.server.state.certificate
        self.request = self.server.state.certificate.wrap_socket(self.request, server_side=True)

    def handle(self) -> None:
        with contextlib.suppress(Dropped, OSError):
            self.converse()

    def converse(self) -> None:
        state, recipient, mails = self.server.state, "", 0
        state.connections += 1
        self.answer("connect")
        while line := self.rfile.readline():
            command = line.decode().split(":")[0].split()[0].lower()
            if command == "quit":
                return self.say("221 bye")
            if command == "rcpt":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                state.tries[recipient] += 1
            refused = self.answer("ehlo" if command == "helo" else command, recipient)
            if command == "starttls":
                self.encrypt()
                super().setup()
            if command == "data" and not refused:
                self.receive(recipient)
                mails += 1
                if mails == state.most_mails:
                    return self.say("421 enough for one connection")

    def receive(self, recipient: str) -> None:
        state, lines = self.server.state, []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line or state.failure("content", recipient):
                raise Dropped
            lines.append(line.decode())
        action = state.failure("end", recipient)
        if not action[:1].isdigit() or action[0] == "2":
            # Accepted, though a server that hangs or breaks down does not say so any more.
            state.accepted.append(recipient)
            state.bodies.append("".join(lines))
        self.act(action, "end")

    def answer(self, phase: str, recipient: str = "") -> bool:
        """Answer, or fail; whether this was a refusal."""
        action = self.server.state.failure(phase, recipient)
        self.act(action, phase)
        return bool(action)

    def act(self, action: str, phase: str) -> None:
        if action == "hang":
            self.server.state.is_over.wait(HANGS)
        if action in ("hang", "drop"):
            raise Dropped
        self.say(action or ANSWERS.get(phase, "250 fine"))

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.state = Server(self.server_address[1])

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def smtp_server(*failures: Failure) -> Iterator[Server]:
    """A server that fails in these ways."""
    with Listener() as listener:
        listener.state.failures = list(failures)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield listener.state
        listener.state.is_over.set()
        listener.shutdown()
        thread.join(5)
