"""Prints a line for each client: protocol, name, version, CPU seconds of a short turn and of a long one."""

import sys
import time
from importlib.metadata import version

url, short_turns, long_turns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
KEY = "sk-benchmark"


def chat():
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)

    def turn(model):
        chunks = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hello"}], max_tokens=4096, stream=True,
            stream_options={"include_usage": True})
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)

    return turn


def responses():
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)

    def turn(model):
        events = client.responses.create(model=model, input="hello", max_output_tokens=4096, stream=True)
        return "".join(e.delta for e in events if e.type == "response.output_text.delta")

    return turn


def anthropic():
    from anthropic import Anthropic

    client = Anthropic(base_url=url, api_key=KEY, max_retries=0)

    def turn(model):
        events = client.messages.create(
            model=model, messages=[{"role": "user", "content": "hello"}], max_tokens=4096, stream=True)
        return "".join(e.delta.text for e in events if e.type == "content_block_delta" and e.delta.type == "text_delta")

    return turn


def gemini():
    from google import genai

    client = genai.Client(api_key=KEY, http_options=genai.types.HttpOptions(base_url=url))

    def turn(model):
        return "".join(c.text or "" for c in client.models.generate_content_stream(model=model, contents="hello"))

    return turn


def ollama():
    from ollama import Client

    client = Client(host=url)

    def turn(model):
        chunks = client.chat(model=model, messages=[{"role": "user", "content": "hello"}], stream=True)
        return "".join(c.message.content or "" for c in chunks)

    return turn


def cost(turn, model, turns):
    for _ in range(5):
        assert turn(model)
    began = time.process_time()
    for _ in range(turns):
        turn(model)
    return (time.process_time() - began) / turns


for name, package, make in [
        ("chat", "openai", chat), ("responses", "openai", responses), ("anthropic", "anthropic", anthropic),
        ("gemini", "google-genai", gemini), ("ollama", "ollama", ollama)]:
    try:
        turn = make()
        short, long = cost(turn, "short", short_turns), cost(turn, "long", long_turns)
    except Exception as error:
        print(f"{package} could not read the stream: {type(error).__name__}: {error}", file=sys.stderr)
        continue
    print(name, package, version(package), short, long, flush=True)
