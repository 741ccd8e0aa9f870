"""Takes what Alertmanager sends, Slack's webhook on 8080 and e-mail on 2525, and prints it; standard library alone."""

import json
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def tell(by: str, title: str) -> None:
    """One line, in one piece: several threads write."""
    sys.stdout.write(json.dumps({"by": by, "title": title}) + "\n")
    sys.stdout.flush()


class Slack(BaseHTTPRequestHandler):
    """As Slack's incoming webhooks answer."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for attachment in sent.get("attachments", []):
            tell("slack", attachment["title"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing else."""


class Mail(socketserver.StreamRequestHandler):
    """As a mail server that takes everything."""

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline().decode(errors="replace").strip():
            command = line.split()[0].upper()
            if command == "DATA":
                self.say("354 go on")
                self.take()
            self.say("221 bye" if command == "QUIT" else "250 sink")
            if command == "QUIT":
                return

    def take(self) -> None:
        while (line := self.rfile.readline().decode(errors="replace").rstrip("\r\n")) != ".":
            if line.lower().startswith("subject:"):
                tell("mail", line.partition(":")[2].strip())

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


if __name__ == "__main__":
    mail = socketserver.ThreadingTCPServer(("", 2525), Mail)
    threading.Thread(target=mail.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("", 8080), Slack).serve_forever()
