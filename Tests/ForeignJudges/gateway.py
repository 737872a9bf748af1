"""Starts the gateway for a judge, and keeps the score."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

CONFIGURATION = """
gateway:
  auth_token: {token}
  api:
    openai: true
    mcp: true
agents:
  assistant:
    description: Helps with everything.
    instructions: Be brief.
    model: offline/demo
  poet:
    instructions: Write verses.
    model: offline/demo
"""

TOOLSMITH = """  toolsmith:
    instructions: Use the tools.
    model: stand-in
    base_url: {model}
    api_key: none
"""

TOKEN = "a5c1d9e2f4b8470b9c6e1d3f5a7b9c0d"


@contextmanager
def gateway(command, model=None):
    """Yields the address, such as http://127.0.0.1:43210. With a model's base URL, there is an agent toolsmith."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = CONFIGURATION.format(token=TOKEN) + (TOOLSMITH.format(model=model) if model else "")
        with running(command, configuration, folder) as address:
            yield address


@contextmanager
def running(command, configuration, folder, variables=None, arguments=("--store", ":memory:")):
    """A gateway whose files are in the folder: gateway.yaml, log, and what it keeps. Yields the address."""
    file = os.path.join(folder, "gateway.yaml")
    with open(file, "w") as output:
        output.write(configuration)
    environment = {"HOME": folder, "PATH": os.environ["PATH"], **(variables or {})}
    process = subprocess.Popen(
        [command, "gateway", "start", "--config", file, "--port", "0", *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=open(os.path.join(folder, "log"), "wb"), text=True)
    try:
        deadline = time.monotonic() + 60
        address = None
        while address is None and time.monotonic() < deadline:
            line = process.stdout.readline()
            if not line:
                sys.exit("the gateway did not start: " + open(os.path.join(folder, "log")).read())
            words = [word for word in line.split() if word.startswith("http://")]
            address = words[0].rstrip("/") if words else None
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


class Score:
    def __init__(self):
        self.failures = 0

    def check(self, promise, holds, detail=""):
        print("ok    " if holds else "FAILED", promise, "" if holds else detail, flush=True)
        self.failures += not holds

    def end(self):
        sys.exit(1 if self.failures else 0)
