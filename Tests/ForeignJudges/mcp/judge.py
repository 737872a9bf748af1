import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from gateway import TOKEN, Score, gateway  # noqa: E402
from mcp.client import Client  # noqa: E402
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client  # noqa: E402
from mcp.shared.exceptions import MCPError  # noqa: E402

score = Score()


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")


async def converse(address, mode):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client:
            score.check(f"it is let in ({mode})", client.server_info.name == "praisonai", client.server_info)
            tools = (await client.list_tools()).tools
            score.check("the agents are tools", [tool.name for tool in tools] == ["assistant", "poet"], tools)
            heard = []

            async def progress(done, total, message):
                heard.append(message)

            result = await client.call_tool(
                "assistant", {"message": "What is 12.5 * 8?"}, progress_callback=progress)
            score.check("a tool answers", "100" in text(result) and not result.is_error, result)
            score.check("and tells how it goes", "100" in "".join(heard), heard)
            await client.call_tool("assistant", {"message": "My name is Ada"})
            result = await client.call_tool("assistant", {"message": "What is my name?"})
            score.check("it remembers the session", "Ada" in text(result), result)
            results = await asyncio.gather(
                *(client.call_tool("poet", {"message": f"What is {n} * 2?"}) for n in range(11, 16)))
            score.check(
                "five questions at once are answered", all(str(n * 2) in text(r) for n, r in zip(range(11, 16), results)))
            try:
                result = await client.call_tool("nobody", {"message": "x"})
                score.check("an unknown tool is an error", result.is_error, result)
            except MCPError:
                score.check("an unknown tool is an error", True)


async def main():
    with gateway(sys.argv[1]) as address:
        for mode in ("legacy", "auto"):
            await converse(address, mode)
        stranger = create_mcp_http_client(headers={"Authorization": "Bearer wrong"})
        try:
            async with stranger, Client(streamable_http_client(f"{address}/mcp", http_client=stranger), mode="legacy"):
                score.check("a stranger is not let in", False)
        except* Exception:
            score.check("a stranger is not let in", True)


asyncio.run(main())
score.end()
