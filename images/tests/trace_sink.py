"""Takes spans as Zipkin does and prints each as a line of JSON: `python trace_sink.py`; standard library alone."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Spans(BaseHTTPRequestHandler):
    """Says yes to everything."""

    def do_POST(self) -> None:
        for span in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            sys.stdout.write(json.dumps(span) + "\n")
        sys.stdout.flush()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing but spans."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", 9411), Spans).serve_forever()
