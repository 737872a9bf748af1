"""hikari, unmodified but for the address, against a simulated Discord: judge_hikari.py URL"""

import asyncio
import sys

import hikari
from simulator import BOT, TOKEN, Checks, Simulator, until

check = Checks("hikari")


def make_bot(url, heard, news):
    bot = hikari.GatewayBot(
        TOKEN, rest_url=f"{url}/api/v10", intents=hikari.Intents.ALL, banner=None, logs="WARNING",
        allow_color=False)

    @bot.listen()
    async def created(event: hikari.MessageCreateEvent):
        if event.author_id == BOT:
            return
        heard.append(event.message)
        if event.message.attachments:
            content = await event.message.attachments[0].read()
            await event.message.respond(f"{event.message.attachments[0].filename}: {content.decode()}", reply=True)
        elif event.content and event.content.endswith("file please"):
            await event.message.respond("here", attachment=hikari.Bytes(b"some text", "notes.txt"))
        else:
            await event.message.respond(f"echo: {event.content}", reply=True)

    @bot.listen()
    async def reaction(event: hikari.ReactionAddEvent):
        news.append(("reaction", event.emoji_name, event.user_id))

    @bot.listen()
    async def ready(event: hikari.ShardReadyEvent):
        news.append("ready")

    @bot.listen()
    async def resumed(event: hikari.ShardResumedEvent):
        news.append("resumed")

    @bot.listen()
    async def guild(event: hikari.GuildAvailableEvent):
        news.append(("guild", event.guild.name))

    @bot.listen()
    async def command(event: hikari.InteractionCreateEvent):
        interaction = event.interaction
        if isinstance(interaction, hikari.CommandInteraction):
            await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
            await interaction.edit_initial_response("greetings")
            await interaction.execute("and once more")

    return bot


async def converse(bot, simulator, heard, news):
    await until(lambda: news, lambda n: ("guild", "Simulated") in n, "the server")
    check(bot.get_me().id == BOT, "it knows who it is")
    said = await simulator.say("hello", sender="ada")
    sent = await simulator.seen(lambda s: s and s[-1]["text"] == "echo: hello", "an answer in private")
    check(sent[-1]["reply_to"] == said["id"], "the answer is a reply")
    check(heard[-1].guild_id is None, "a direct message has no server")
    said = await simulator.say("among us", scope="group", conversation="general", mention=True)
    await simulator.seen(lambda s: "among us" in s[-1]["text"], "an answer in the channel")
    check(BOT in heard[-1].user_mentions_ids, "it was called by name")
    said = await simulator.say("in a thread", scope="group", conversation="general", thread="games")
    await simulator.seen(lambda s: s[-1]["thread"] == said["thread"], "an answer in the thread")
    await simulator.say("to all", scope="channel", conversation="news")
    await simulator.seen(lambda s: s[-1]["text"] == "echo: to all", "an answer to an announcement")
    await simulator.say("look", sender="ada", files=[{"name": "a.txt", "mime_type": "text/plain", "text": "twelve bytes"}])
    await simulator.seen(lambda s: s[-1]["text"] == "a.txt: twelve bytes", "a file is read")
    await simulator.say("file please", sender="ada")
    sent = await simulator.seen(lambda s: s[-1]["files"], "a file is sent")
    check(sent[-1]["files"] == [{"kind": "document", "name": "notes.txt", "size": 9}], "the file is what it was")

    guild = bot.cache.get_guilds_view()
    channels = {c.name: c for c in bot.cache.get_guild_channels_view().values()}
    check(len(guild) == 1 and {"general", "announcements", "news"} <= set(channels), "it knows the channels")
    check(channels["news"].type == hikari.ChannelType.GUILD_NEWS, "an announcement channel is one")
    channel = channels["general"].id
    await bot.rest.trigger_typing(channel)
    message = await bot.rest.create_message(channel, "to be changed")
    message = await bot.rest.edit_message(channel, message, "changed")
    check(message.content == "changed" and message.edited_timestamp is not None, "a message is changed")
    await bot.rest.add_reaction(channel, message, "👍")
    await until(lambda: news, lambda n: ("reaction", "👍", BOT) in n, "news of the reaction")
    found = await bot.rest.fetch_message(channel, message.id)
    check(found.reactions[0].is_me, "the reaction is its own")
    history = [m async for m in bot.rest.fetch_messages(channel).limit(3)]
    check(history[0].id == message.id, "the history is newest first")
    await bot.rest.delete_message(channel, message)
    try:
        await bot.rest.fetch_message(channel, message.id)
        check(False, "a message that is gone is found")
    except hikari.NotFoundError as error:
        check(error.code == 10008, "the refusal has its number")
    application = await bot.rest.fetch_application()
    check(application.id == BOT, "it knows its application")
    commands = [bot.rest.slash_command_builder("greet", "greets")]
    await bot.rest.set_application_commands(application, commands)
    await simulator.say("/greet", scope="group", conversation="general")
    await simulator.seen(lambda s: [m["text"] for m in s[-2:]] == ["greetings", "and once more"], "a deferred answer")

    await simulator.fault("rate_limit", retry_after=0.3, match="hold on")
    await bot.rest.create_message(channel, "hold on")
    check((await simulator.sent())[-1]["text"] == "hold on", "after a 429 it is sent")
    for number in range(7):
        await bot.rest.create_message(channel, f"burst {number}")
    check((await simulator.sent())[-1]["text"] == "burst 6", "the limits are told, and kept")
    for kind, more in [("reconnect", {}), ("close", {"code": 4000}), ("invalid_session", {"resumable": True}), ("drop", {})]:
        news.clear()
        await simulator.fault(kind, **more)
        await simulator.say(f"during {kind}", sender="ada")
        await simulator.seen(lambda s: s[-1]["text"] == f"echo: during {kind}", f"an answer after {kind}", 90)
        await until(lambda: news, lambda n: "resumed" in n, f"resumed after {kind}", 90)
        check(True, f"{kind} is survived")
    news.clear()
    await asyncio.sleep(5)
    await simulator.fault("invalid_session", resumable=False)
    await until(lambda: news, lambda n: "ready" in n, "a new session", 90)
    await simulator.fault("slow_inflate", seconds=1, match="in pieces")
    await simulator.say("in pieces", sender="ada")
    await simulator.seen(lambda s: s[-1]["text"] == "echo: in pieces", "an answer to what came in pieces", 60)
    texts = [m.content for m in heard]
    check(len(texts) == len(set(texts)), "nothing is heard twice")


async def main(url):
    simulator = Simulator(url)
    await simulator.reset()
    heard, news = [], []
    bot = make_bot(url, heard, news)
    await bot.start(check_for_updates=False)
    try:
        await converse(bot, simulator, heard, news)
    finally:
        await bot.close()
    check.done()


asyncio.run(main(sys.argv[1]))
