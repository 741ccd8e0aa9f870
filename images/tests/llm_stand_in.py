"""A program that answers as an OpenAI-compatible API would: `python llm_stand_in.py <port>`; standard library alone."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPINION = {"text": "It costs too much for what it is.", "themes": [{"theme": "price", "stance": "negative"}]}
USAGE = {"prompt_tokens": 20, "completion_tokens": 5}


class Answers(BaseHTTPRequestHandler):
    """The same opinion for everybody."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        choice = {"message": {"role": "assistant", "content": json.dumps(OPINION)}}
        body = json.dumps({"choices": [choice], "usage": USAGE}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Answers).serve_forever()
