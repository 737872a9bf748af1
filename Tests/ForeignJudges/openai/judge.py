import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import openai  # noqa: E402
from gateway import TOKEN, Score, gateway  # noqa: E402
from model import model  # noqa: E402

score = Score()

with model() as base_url, gateway(sys.argv[1], model=base_url) as address:
    client = openai.OpenAI(base_url=f"{address}/v1", api_key=TOKEN, max_retries=0, timeout=60)

    score.check("it lists the agents", [m.id for m in client.models.list()] == ["assistant", "poet", "toolsmith"])
    score.check("it retrieves one", client.models.retrieve("poet").owned_by == "praisonai")

    messages = [{"role": "user", "content": "What is 12.5 * 8?"}]
    answer = client.chat.completions.create(model="assistant", messages=messages)
    score.check("it gets an answer", "100" in (answer.choices[0].message.content or ""), answer)
    score.check("with a finish reason", answer.choices[0].finish_reason == "stop")
    score.check("and what it took", answer.usage is not None and answer.usage.total_tokens > 0, answer.usage)

    answer = client.chat.completions.create(model="assistant", messages=[
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "My name is Grete"}, {"role": "assistant", "content": "Hello Grete"},
        {"role": "user", "content": "What is my name?"}])
    score.check("the conversation it brings is known", "Grete" in answer.choices[0].message.content, answer)
    answer = client.chat.completions.create(
        model="assistant", messages=[{"role": "user", "content": "What is my name?"}])
    score.check("and belongs to that request alone", "Grete" not in answer.choices[0].message.content, answer)

    chunks = list(client.chat.completions.create(
        model="assistant", messages=messages, stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    score.check("it streams", "100" in text and len(chunks) > 2, chunks)
    score.check("with usage at the end", chunks[-1].usage is not None and chunks[-1].usage.total_tokens > 0)
    with client.chat.completions.stream(model="assistant", messages=messages) as stream:
        stream.until_done()
        score.check("its own accumulator agrees", "100" in stream.get_final_completion().choices[0].message.content)

    weather = {"name": "look_outside", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    tools = [{"type": "function", "function": weather}]
    question = {"role": "user", "content": "weather in Paris"}
    answer = client.chat.completions.create(model="toolsmith", messages=[question], tools=tools)
    calls = answer.choices[0].message.tool_calls or []
    score.check("its own tools come back to it", [c.function.name for c in calls] == ["look_outside"], answer)
    score.check("as tool_calls", answer.choices[0].finish_reason == "tool_calls")
    messages_now = [question, answer.choices[0].message, {"role": "tool", "tool_call_id": "call_1", "content": "21 degrees"}]
    with client.chat.completions.stream(model="toolsmith", messages=messages_now, tools=tools) as stream:
        stream.until_done()
        said = stream.get_final_completion().choices[0].message.content
    score.check("and their results are read", "The tool said: 21 degrees" == said, said)
    first = client.responses.create(
        model="toolsmith", input="weather in Paris", tools=[{"type": "function", **weather}])
    called = [item for item in first.output if item.type == "function_call"]
    score.check("as function calls of responses too", [c.name for c in called] == ["look_outside"], first)
    second = client.responses.create(
        model="toolsmith", previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": called[0].call_id, "output": "rain"}])
    score.check("whose outputs are read", second.output_text == "The tool said: rain", second)

    first = client.responses.create(model="assistant", input="My name is Grace")
    score.check("responses are answered", first.status == "completed" and bool(first.output_text), first)
    second = client.responses.create(model="assistant", input="What is my name?", previous_response_id=first.id)
    score.check("and go on with the one before", "Grace" in second.output_text, second)
    score.check("and are read again", client.responses.retrieve(second.id).output_text == second.output_text)
    later = client.responses.create(model="assistant", input="What is 6 * 7?", background=True)
    deadline = time.monotonic() + 30
    while later.status in ("queued", "in_progress") and time.monotonic() < deadline:
        time.sleep(0.05)
        later = client.responses.retrieve(later.id)
    score.check("and are asked for later", later.status == "completed" and "42" in later.output_text, later)
    blocked = client.responses.create(model="toolsmith", input="say nothing", background=True)
    cancelled = client.responses.cancel(blocked.id)
    score.check("and are cancelled", cancelled.id == blocked.id and cancelled.status == "cancelled", cancelled)
    score.check("for good", client.responses.retrieve(blocked.id).status == "cancelled")
    with client.responses.stream(model="assistant", input="What is 6 * 7?") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    score.check("and stream", "response.output_text.delta" in kinds and "42" in final.output_text, kinds)

    def refused(kind, promise, call):
        try:
            call()
            score.check(promise, False, "nothing was raised")
        except kind:
            score.check(promise, True)

    refused(openai.NotFoundError, "an unknown model is NotFound", lambda: client.chat.completions.create(
        model="gpt-99", messages=messages))
    refused(openai.BadRequestError, "no messages is BadRequest", lambda: client.chat.completions.create(
        model="assistant", messages=[]))
    stranger = openai.OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0)
    refused(openai.PermissionDeniedError, "a wrong key is PermissionDenied", lambda: stranger.models.list())

score.end()
