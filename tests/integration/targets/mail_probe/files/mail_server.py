# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mail server small enough to be told how to misbehave.

It speaks as much SMTP and IMAP as `mail_probe` asks for, keeps mail in memory, and knows one
mailbox. `faults` maps a moment to what happens there instead:

  {"smtp.RCPT": "550 5.1.1 no such user", "imap.MOVE": "NO not today", "imap2.SELECT": "CLOSE"}

The moment is the command, or GREETING, or END (of a message); `imap2` is the second IMAP connection
alone. CLOSE hangs up, HANG says nothing more. `smtp.DELIVERY` is the number of seconds that a
message takes to the mailbox, or NEVER; `smtp.CORRUPT` is a word of it that gets lost on the way.
`imap2.STALE` shows the second connection an old state: of FLAGS, or of what a MOVE or an EXPUNGE
has changed. `imap1.SEARCH FROM` is a search by that key alone.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import shlex
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import count
from pathlib import Path

ADDRESS = "probe@assurmer.example"
PASSWORD = 'Prob\u00e9 {me} "again" 100%'

Mailbox = dict[str, list["Message"]]


@dataclass
class Message:
    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)
    there_from: float = 0.0
    age: float = 0.0

    def body(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[2]


class HangUp(Exception):
    pass


class MailServer:
    """Both protocols on ports of their own, and what they share."""

    def __init__(
        self, pem: str, faults: dict[str, str] | None = None, implicit: bool = False
    ) -> None:
        self.faults = faults or {}
        self.implicit = implicit
        self.heard: list[str] = []
        self.folders: Mailbox = {"INBOX": [], "Sent": []}
        self.uids = count(7)
        self.imap_connections = count(1)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(pem)
        self._servers = [_Server(self, Smtp), _Server(self, Imap)]

    def __enter__(self) -> MailServer:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def smtp_port(self) -> int:
        return int(self._servers[0].server_address[1])

    @property
    def imap_port(self) -> int:
        return int(self._servers[1].server_address[1])

    def deliver(self, content: bytes, age: float = 0.0) -> None:
        delay = self.faults.get("smtp.DELIVERY", "0")
        there_from = float("inf") if delay == "NEVER" else time.monotonic() + float(delay)
        self.folders["INBOX"].append(Message(next(self.uids), content, set(), there_from, age))

    def left(self) -> dict[str, int]:
        """Return how many messages are in each folder that somebody would notice."""
        return {
            name: len(messages)
            for name, messages in self.folders.items()
            if messages or name.startswith("mail_probe")
        }


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mail: MailServer, handler: type[Session]) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), handler)


class Session(socketserver.StreamRequestHandler):
    """What the two protocols have in common."""

    name = ""
    server: _Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.mail = self.server.mail
        if self.mail.implicit:
            self.request = self.mail.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        try:
            self.greet()
            while line := self.rfile.readline():
                self.mail.heard.append(f"{self.name}: {line.decode().strip()}")
                self.answer(line.decode().rstrip("\r\n"))
        except (HangUp, OSError):
            return

    def greet(self) -> None:
        raise NotImplementedError

    def answer(self, line: str) -> None:
        raise NotImplementedError

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def fault(self, moment: str) -> str | None:
        text = self.mail.faults.get(f"{self.name}.{moment}") or self.mail.faults.get(
            f"{self.name.rstrip('0123456789')}.{moment}"
        )
        if text == "HANG":
            # Until the client gives up.
            while self.rfile.read(1):
                pass
        if text in ("CLOSE", "HANG"):
            raise HangUp
        return text

    def start_tls(self) -> None:
        self.request = self.mail.context.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)


class Smtp(Session):
    name = "smtp"

    def greet(self) -> None:
        self.say(self.fault("GREETING") or "220 mail.assurmer.example ESMTP")

    def answer(self, line: str) -> None:
        command = line.split(" ", 1)[0].upper()
        fault = self.fault(command)
        if fault:
            self.say(fault)
        else:
            getattr(self, f"do_{command.lower()}")(line)

    def do_ehlo(self, _line: str) -> None:
        secure = isinstance(self.request, ssl.SSLSocket)
        self.say("250-mail.assurmer.example")
        self.say("250-SIZE 1000000")
        self.say("250 AUTH PLAIN" if secure else "250 STARTTLS")

    def do_starttls(self, _line: str) -> None:
        # The second line was put in by somebody on the wire.
        self.say("220 2.0.0 Ready\r\n250 injected")
        self.start_tls()

    def do_auth(self, line: str) -> None:
        good = base64.b64encode(f"\0{ADDRESS}\0{PASSWORD}".encode()).decode()
        self.say(
            "235 2.7.0 Welcome" if line == f"AUTH PLAIN {good}" else "535 5.7.8 Wrong password"
        )

    def do_mail(self, _line: str) -> None:
        self.say("250 2.1.0 Ok")

    def do_rcpt(self, line: str) -> None:
        known = line == f"RCPT TO:<{ADDRESS}>"
        self.say("250 2.1.5 Ok" if known else "550 5.1.1 User unknown")

    def do_data(self, _line: str) -> None:
        self.say("354 End data with <CR><LF>.<CR><LF>")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        refusal = self.mail.faults.get("smtp.END", "")
        if not refusal.startswith(("4", "5")):
            lost = self.mail.faults.get("smtp.CORRUPT", "\0").encode()
            self.mail.deliver(b"".join(lines).replace(lost, b""))
        self.say(self.fault("END") or "250 2.0.0 Ok: queued as 4FxYz9")

    def do_quit(self, _line: str) -> None:
        self.say("221 2.0.0 Bye")
        raise HangUp


class Imap(Session):
    def setup(self) -> None:
        super().setup()
        self.name = f"imap{next(self.mail.imap_connections)}"
        self.folders = self.mail.folders
        self.selected = ""

    def greet(self) -> None:
        self.say(self.fault("GREETING") or "* OK ready")

    def answer(self, line: str) -> None:
        tag, *words = shlex.split(line.replace("\\", "\\\\"))
        command = ((words.pop(0) if words[0].upper() == "UID" else "") and words[0]) or words[0]
        fault = self.fault(command.upper())
        if command == "SEARCH":
            fault = fault or self.fault(f"SEARCH {words[3] if words[1] == 'UID' else words[1]}")
        if fault:
            self.say(fault.replace("TAG", tag) if fault.startswith("*") else f"{tag} {fault}")
            return
        text = getattr(self, f"do_{command.lower()}")(tag, words[1:]) or "OK done"
        self.say(f"{tag} {text}")
        if command.upper() == "STARTTLS":
            self.start_tls()
        if command.upper() == "LOGOUT":
            raise HangUp

    def here(self) -> list[Message]:
        now = time.monotonic()
        return [message for message in self.folders[self.selected] if message.there_from <= now]

    def of_uid(self, uid: str) -> Message:
        return next(message for message in self.here() if message.uid == int(uid))

    def do_capability(self, _tag: str, _words: list[str]) -> None:
        secure = isinstance(self.request, ssl.SSLSocket)
        self.say(f"* CAPABILITY IMAP4rev1 {'AUTH=PLAIN' if secure else 'STARTTLS LOGINDISABLED'}")

    def do_starttls(self, _tag: str, _words: list[str]) -> str:
        return "OK begin"

    def do_authenticate(self, _tag: str, _words: list[str]) -> str:
        self.say("+ ")
        response = base64.b64decode(self.rfile.readline()).decode()
        good = response == f"\0{ADDRESS}\0{PASSWORD}"
        return "OK Logged in" if good else "NO [AUTHENTICATIONFAILED] Wrong password"

    def do_list(self, _tag: str, _words: list[str]) -> None:
        for name in self.folders:
            self.say(f'* LIST () "/" "{name}"')

    def do_select(self, _tag: str, words: list[str]) -> str:
        self.selected = words[0]
        stale = self.mail.faults.get(f"{self.name}.STALE")
        if stale == "FLAGS":
            self.folders = copy.deepcopy(self.mail.folders)
        elif stale and (stale == "MOVE" or self.selected != "INBOX"):
            # The same messages, in lists that nobody else changes.
            self.folders = {name: list(messages) for name, messages in self.folders.items()}
        self.say(f"* {len(self.here())} EXISTS")
        self.say("* OK [UIDNEXT 7] next")
        return "OK [READ-WRITE] open"

    def do_noop(self, _tag: str, _words: list[str]) -> None:
        # A server may tell of other messages at any time.
        if self.selected and self.here():
            self.say(r"* 1 FETCH (UID 99999 FLAGS (\Seen))")

    def do_search(self, _tag: str, words: list[str]) -> None:
        found = [str(message.uid) for message in self.here() if _matches(message, list(words))]
        self.say(" ".join(["* SEARCH", *found]))

    def do_fetch(self, _tag: str, words: list[str]) -> None:
        message = self.of_uid(words[0])
        if "ENVELOPE" in words[1]:
            headers = message_from_bytes(message.content)
            envelope = f'"{headers["Subject"]}" "{headers["Message-ID"]}"'
            self.say(f"* 1 FETCH (UID {message.uid} ENVELOPE ({envelope}))")
        elif "BODY" in words[1]:
            body = message.body()
            self.say(f"* 1 FETCH (UID {message.uid} BODY[TEXT] {{{len(body)}}}\r\n{body.decode()})")
        else:
            self.say(f"* 1 FETCH (UID {message.uid} FLAGS ({' '.join(message.flags)}))")

    def do_store(self, _tag: str, words: list[str]) -> None:
        change, flag = words[1], words[2].strip("()")
        flags = self.of_uid(words[0]).flags
        flags.add(flag) if change.startswith("+") else flags.discard(flag)

    def do_create(self, _tag: str, words: list[str]) -> None:
        self.folders[words[0]] = []

    def do_move(self, _tag: str, words: list[str]) -> None:
        message = self.of_uid(words[0])
        self.folders[self.selected].remove(message)
        self.folders[words[1]].append(message)

    def do_expunge(self, _tag: str, words: list[str]) -> None:
        self.folders[self.selected].remove(self.of_uid(words[0]))

    def do_delete(self, _tag: str, words: list[str]) -> None:
        del self.folders[words[0]]

    def do_logout(self, _tag: str, _words: list[str]) -> None:
        self.say("* BYE come again")


def _matches(message: Message, words: list[str]) -> bool:
    headers = message_from_bytes(message.content)
    while words:
        key = words.pop(0)
        value = words.pop(0)
        if key == "UID":
            matches = message.uid >= int(value.partition(":")[0])
        elif key in ("OLDER", "YOUNGER"):
            matches = (message.age >= int(value)) == (key == "OLDER")
        else:
            text = str(headers[value if key == "HEADER" else key])
            matches = (words.pop(0) if key == "HEADER" else value) in text
        if not matches:
            return False
    return True


def main() -> None:
    """Serve until the key is removed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pem", type=Path, help="file with key and certificate")
    parser.add_argument("state", type=Path, help="file to write the ports to, and what is left")
    parser.add_argument("--faults", type=json.loads, default={})
    options = parser.parse_args()
    draft = options.state.with_suffix(".draft")
    with MailServer(str(options.pem), options.faults) as server:
        while options.pem.exists():
            ports = {"smtp": server.smtp_port, "imap": server.imap_port}
            draft.write_text(json.dumps({**ports, "left": server.left()}))
            draft.replace(options.state)
            time.sleep(0.05)


if __name__ == "__main__":
    main()
