"""The control API of a simulator, and the checks both judges make."""

import asyncio
import json
import socket
import sys
import urllib.request

TOKEN = "123456:FAKE-TELEGRAM-TOKEN"


class Simulator:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sim/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

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

    async def seen(self, condition, what, seconds=20):
        """Waits until what people see fulfils the condition."""
        for _ in range(int(seconds / 0.05)):
            sent = await self.sent()
            if condition(sent):
                return sent
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what}: people see {json.dumps(await self.sent(), ensure_ascii=False)}")


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


def callback_query(message_id):
    ada = {"id": 1001, "is_bot": False, "first_name": "Ada"}
    return {
        "callback_query": {
            "id": "4711",
            "from": ada,
            "chat_instance": "1",
            "data": "pressed",
            "message": {
                "message_id": message_id,
                "date": 1767225600,
                "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
                "from": {"id": 123456, "is_bot": True, "first_name": "Sim", "username": "sim_bot"},
                "text": "choose",
            },
        }
    }
