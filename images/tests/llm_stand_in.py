"""Answers as an OpenAI-compatible API would: `python llm_stand_in.py <port> <seconds>`; standard library alone."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"prompt_tokens": 20, "completion_tokens": 5}


class Answers(BaseHTTPRequestHandler):
    """Everybody speaks of their own occupation, and well of it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        time.sleep(float(sys.argv[2]))
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        occupation = json.loads(asked["messages"][1]["content"])["person"]["occupation"]
        opinion = {"text": f"As a {occupation}, I like it.", "themes": [{"theme": occupation, "stance": "positive"}]}
        choice = {"message": {"role": "assistant", "content": json.dumps(opinion)}}
        body = json.dumps({"choices": [choice], "usage": USAGE}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Answers).serve_forever()
