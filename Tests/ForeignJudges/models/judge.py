import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from gateway import Score, running  # noqa: E402
from servers import STOPS, fakellm, forget, litellm, llama, thermometer  # noqa: E402

MODEL_KEY = "sk-judged-7b1f6c0e2d9a4835"
TOOL_KEY = "tool-judged-51c8e0a7f3"
TOKEN = "a5c1d9e2f4b8470b9c6e1d3f5a7b9c0d"
VARIABLES = {"JUDGED_MODEL_KEY": MODEL_KEY, "JUDGED_TOOL_KEY": TOOL_KEY, "JUDGED_TOKEN": TOKEN}

QUESTION = "How warm is it in Paris and in Oslo?"
SECOND_QUESTION = "Which cities did I ask about?"

HEAD = """
gateway:
  auth_token: ${JUDGED_TOKEN}
  api: {openai: true}
tools:
  temperature:
    description: How warm it is in a city.
    url: "%s/temperature/{city}"
    headers: {X-Key: "${JUDGED_TOOL_KEY}"}
    parameters: {type: object, properties: {city: {type: string}}, required: [city]}
agents:
"""

AGENT = """  %s:
    instructions: Answer in a few words.
    model: %s
    base_url: %s
    api_key: ${JUDGED_MODEL_KEY}
    tools: [%s]
"""

score = Score()


class Gateway:
    def __init__(self, command, address, folder):
        self.command, self.address, self.folder = command, address, folder
        self.said = b""

    def chat(self, agent, *lines):
        """What `praisonai chat` prints for the lines, and its exit code."""
        done = subprocess.run(
            [self.command, "chat", agent, "--url", self.address.replace("http", "ws", 1) + "/ws"],
            input="".join(f"{line}\n" for line in lines).encode(), capture_output=True, timeout=600,
            env={"HOME": self.folder, "PATH": os.environ["PATH"], "GATEWAY_AUTH_TOKEN": TOKEN})
        self.said += done.stdout + done.stderr
        return done.stdout.decode(), done.stderr.decode(), done.returncode

    def stream(self, agent, question, **more):
        """The pieces of the answer that OpenAI's endpoint streams, when each came, and the usage."""
        body = {
            "model": agent, "stream": True, "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": question}], **more}
        request = urllib.request.Request(
            f"{self.address}/v1/chat/completions", data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        pieces, usage = [], None
        with urllib.request.urlopen(request, timeout=300) as response:
            for line in response:
                if not line.startswith(b"data: {"):
                    continue
                chunk = json.loads(line[6:])
                usage = chunk.get("usage") or usage
                text = "".join(choice["delta"].get("content") or "" for choice in chunk.get("choices", []))
                if text:
                    pieces.append((time.monotonic(), text))
        return pieces, usage


def judge_scripted(gateway, agent, meter, backend):
    """A server that calls both tools in one step, and then reads out what they said."""
    forget(backend)
    meter.forget()
    output, errors, status = gateway.chat(agent, QUESTION, SECOND_QUESTION)
    lines = [line for line in output.splitlines() if line]
    score.check(f"{agent}: both tools are called, once each", sorted(meter.calls) == ["Oslo", "Paris"], meter.calls)
    score.check(f"{agent}: at the same time, so in one step", meter.together == 2, meter.together)
    score.check(
        f"{agent}: their results make the answer",
        lines[:1] == ["It is 17 degrees in Paris, and 4 degrees in Oslo."], (output, errors))
    score.check(
        f"{agent}: the next turn knows what was said", lines[1:] == ["You asked about Paris and Oslo."],
        (output, errors))
    score.check(f"{agent}: and all is well", status == 0, (status, errors))
    forget(backend)
    pieces, _ = gateway.stream(agent, QUESTION)
    text = "".join(piece for _, piece in pieces)
    score.check(f"{agent}: the answer streams", "4 degrees in Oslo" in text and len(pieces) > 3, pieces)


def judge_llama(gateway, agent):
    """A real model, too small to be relied on: whatever it says, what is ours must hold."""
    pieces, usage = gateway.stream(agent, "What is the capital of France?", temperature=0, max_tokens=48)
    text = "".join(piece for _, piece in pieces)
    score.check(f"{agent}: answers", bool(text.strip()), (text, usage))
    score.check(f"{agent}: its stop strings end it", not any(stop in text for stop in STOPS), text)
    counted = usage and usage["prompt_tokens"] > 5 and 0 < usage["completion_tokens"] <= 48
    score.check(f"{agent}: tokens are counted", counted, usage)
    pieces, _ = gateway.stream(agent, "Count from one to ten in words:", temperature=0, max_tokens=24)
    score.check(f"{agent}: streams", len(pieces) > 3 and pieces[-1][0] > pieces[0][0], pieces)
    output, errors, status = gateway.chat(agent, "What is the capital of France?", "And of Norway?")
    score.check(f"{agent}: the chat gets an answer, and another", status == 0 and len(output.split()) > 1, (output, errors))
    print("      it said:", " | ".join(output.split("\n"))[:200], flush=True)


def judge_llama_tools(gateway, agent, meter):
    """Tools offered to a model that calls them, but not reliably, and likes to repeat itself."""
    meter.forget()
    # There may be no second call to wait for.
    meter.patience = 1
    began = time.monotonic()
    output, errors, status = gateway.chat(agent, QUESTION)
    score.check(f"{agent}: tools are offered, and the chat gets an answer", status == 0 and bool(output.strip()), (output, errors))
    score.check(f"{agent}: no call is carried out more than twice", all(meter.calls.count(c) <= 2 for c in meter.calls), meter.calls)
    print(f"      it called: {meter.calls}, and said after {time.monotonic() - began:.0f} s:",
          " | ".join(output.split("\n"))[:200], flush=True)


def judge_secrets(gateway):
    """No key in what the gateway keeps, logs or says. Its files hold the names of variables only."""
    leaks = []
    for root, _, names in os.walk(gateway.folder):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                content = file.read()
            leaks += [(name, key) for key in (MODEL_KEY, TOOL_KEY, TOKEN) if key.encode() in content]
    leaks += [("chat", key) for key in (MODEL_KEY, TOOL_KEY, TOKEN) if key.encode() in gateway.said]
    log = os.path.getsize(os.path.join(gateway.folder, "log"))
    score.check("no key is in any log, answer or file of the gateway", not leaks and log > 0, leaks)


def main(command, chosen):
    with ExitStack() as stack:
        servers = stack.enter_context(tempfile.TemporaryDirectory())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        meter, tool = stack.enter_context(thermometer(TOOL_KEY))
        scripted, real = [], []
        agents = ""

        def agent(name, model, base_url, tools="temperature"):
            nonlocal agents
            agents += AGENT % (name, model, base_url, tools)
            return name

        if "fakellm" in chosen or "litellm" in chosen:
            backend = stack.enter_context(fakellm(servers))
        if "fakellm" in chosen:
            scripted += [
                agent("fakellm-openai", "openai/judged", f"{backend}/v1"),
                agent("fakellm-anthropic", "anthropic/judged", backend)]
        if "litellm" in chosen:
            proxy = stack.enter_context(litellm(servers, backend, MODEL_KEY))
            scripted += [
                agent("litellm-openai", "openai/judged", f"{proxy}/v1"),
                agent("litellm-anthropic", "anthropic/judged", proxy),
                agent("litellm-gemini", "gemini/judged", proxy)]
        if "llama" in chosen:
            address = stack.enter_context(llama(servers))
            real = [
                agent("llama-openai", "openai/gemma", f"{address}/v1", ""),
                agent("llama-responses", "responses/gemma", f"{address}/v1", ""),
                agent("llama-anthropic", "anthropic/gemma", address, "")]
            agent("llama-tools", "openai/gemma", f"{address}/v1")
        arguments = ("--store", os.path.join(folder, "gateway.sqlite"), "--log-level", "debug")
        configuration = HEAD % tool + agents
        with running(command, configuration, folder, VARIABLES, arguments) as address:
            gateway = Gateway(command, address, folder)
            for name in scripted:
                judge_scripted(gateway, name, meter, backend)
            for name in real:
                judge_llama(gateway, name)
            if real:
                judge_llama_tools(gateway, "llama-tools", meter)
        judge_secrets(gateway)
        if score.failures:
            print(open(os.path.join(folder, "log"), errors="replace").read()[-4000:])


main(sys.argv[1], sys.argv[2:] or ["fakellm", "litellm", "llama"])
score.end()
