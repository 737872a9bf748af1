"""A conversation of the reference's GatewayClient with our gateway, through lost connections and a killed process."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

from praisonai_bot.gateway.client import BackoffConfig, GatewayClient

CONFIGURATION = """
agents:
  assistant:
    instructions: Be brief.
"""


class Gateway:
    """The command under test, with a store of its own, on a port that stays the same over restarts."""

    def __init__(self, command, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        file = os.path.join(folder, "gateway.yaml")
        with open(file, "w") as output:
            output.write(CONFIGURATION)
        store = os.path.join(folder, "gateway.sqlite")
        self.arguments = [command, "gateway", "start", "--config", file, "--port", str(self.port), "--store", store]
        self.environment = {"HOME": folder, "PATH": os.environ["PATH"]}

    async def start(self):
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(self.arguments, env=self.environment, stdout=log, stderr=log)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5).close()
                return
            except OSError:
                await asyncio.sleep(0.1)
        sys.exit("the gateway did not start: " + open(os.path.join(self.folder, "log")).read())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


class Conversation:
    def __init__(self, url):
        self.gaps = []
        self.client = GatewayClient(url, "assistant", backoff=BackoffConfig(initial=0.2, max=1))
        self.client.on_gap = lambda expected, received: self.gaps.append((expected, received))
        self.finals = []

    async def connected(self):
        while not self.client.is_connected:
            await asyncio.sleep(0.05)

    async def read(self):
        async for event in self.client.events():
            if event.data.get("status") == "final":
                self.finals.append(event.data)

    async def final(self, containing):
        """The first final answer with these words, read or still to come."""
        async def wait():
            while True:
                for frame in self.finals:
                    if containing in frame["content"]:
                        return frame
                await asyncio.sleep(0.05)
        return await asyncio.wait_for(wait(), 60)

    def cut(self):
        self.client._ws.transport.abort()


def check(promise, holds):
    print(("ok    " if holds else "FAILED"), promise, flush=True)
    if not holds:
        check.failures += 1


check.failures = 0


async def converse(gateway, status_command):
    conversation = Conversation(f"ws://127.0.0.1:{gateway.port}/ws")
    client = conversation.client
    await client.connect()
    await conversation.connected()
    reader = asyncio.create_task(conversation.read())
    session = client._session_id

    await client.send({"type": "message", "content": "My name is Ada"})
    frame = await conversation.final("Ada")
    check("it gets an answer", frame["outcome"]["status"] == "ok")

    await client.send({"type": "message", "content": "What is 12.5 * 8?"})
    conversation.cut()
    await asyncio.sleep(0.2)
    await conversation.connected()
    await conversation.final("100")
    check("it gets the answer it missed when its connection was cut", True)
    check("in the same session", client._session_id == session)

    await client.send({"type": "message", "content": "What is 6 * 7?"}, queue=True)
    gateway.kill()
    await asyncio.sleep(0.2)
    request = await client.send({"type": "message", "content": "What is 1000 + 24?"}, queue=True)
    await gateway.start()
    await conversation.connected()
    await conversation.final("1024")
    check("it gets an answer to what it sent while the gateway was dead", bool(request))
    check("still in the same session", client._session_id == session)

    await client.send({"type": "message", "content": "What is my name?"})
    finals_before = len(conversation.finals)
    while not any("Ada" in frame["content"] for frame in conversation.finals[finals_before:]):
        await asyncio.sleep(0.05)
    check("the agent remembers what was said before the crash", True)
    named = [frame for frame in conversation.finals if frame.get("request_id") == request]
    check("each message was answered once", len({frame["seq"] for frame in named}) == 1)
    check("no gap was noticed", conversation.gaps == [])

    status = subprocess.run(
        [status_command, "gateway", "status", "--host", "127.0.0.1", "--port", str(gateway.port)],
        capture_output=True, text=True, timeout=60)
    check("the reference's status command understands our health", "healthy" in status.stdout)

    reader.cancel()
    await client.disconnect()


async def main():
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(sys.argv[1], folder)
        await gateway.start()
        try:
            await asyncio.wait_for(converse(gateway, sys.argv[2]), 240)
        finally:
            code = gateway.stop()
        check("the gateway ends with 0", code == 0)
    sys.exit(1 if check.failures else 0)


asyncio.run(main())
