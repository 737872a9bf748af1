"""A language model's stand-in: it calls the tool it is offered, reads out what the tool said, and is silent when told."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Model(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        last = request["messages"][-1]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if last["content"] == "say nothing":
            time.sleep(30)
        if last["role"] == "tool":
            deltas, finish = [{"content": "The tool "}, {"content": "said: " + last["content"]}], "stop"
        elif request.get("tools"):
            call = {"name": request["tools"][0]["function"]["name"], "arguments": "{\"city\": \"Paris\"}"}
            deltas, finish = [{"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}], "tool_calls"
        else:
            deltas, finish = [{"content": "no tools"}], "stop"
        for delta in deltas + [{}]:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else finish}
            self.wfile.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *arguments):
        pass


@contextmanager
def model():
    """Yields the stand-in's base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
