"""The control API of a simulator, and the checks both judges make."""

import asyncio
import json
import socket
import sys
import urllib.error
import urllib.request

TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.FAKE.FAKE"
BOT = 900000000000000001


class Simulator:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sim/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()}") from None

    async def ask(self, method, path, body=None):
        return await asyncio.to_thread(self._ask, method, path, body)

    async def say(self, text, **more):
        return await self.ask("POST", "say", {"text": text, **more})

    async def fault(self, kind, **more):
        return await self.ask("POST", "faults", {"kind": kind, **more})

    async def inject(self, payload):
        return await self.ask("POST", "inject", payload)

    async def reset(self):
        return await self.ask("POST", "reset", {})

    async def sent(self):
        return await self.ask("GET", "sent")

    async def calls(self):
        return await self.ask("GET", "calls")

    async def seen(self, condition, what, seconds=30):
        """Waits until what people see fulfils the condition."""
        return await until(self.sent, condition, what, seconds)


async def until(look, condition, what, seconds=30):
    for _ in range(int(seconds / 0.05)):
        found = look()
        if asyncio.iscoroutine(found):
            found = await found
        if condition(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{what}: in vain for {seconds} s; there is {str(found)[-2000:]}")


class Checks:
    def __init__(self, judge):
        self.judge = judge
        self.count = 0

    def __call__(self, condition, what):
        if not condition:
            print(f"{self.judge}: FAILED: {what}")
            sys.exit(1)
        self.count += 1

    def done(self):
        print(f"{self.judge}: {self.count} checks passed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
