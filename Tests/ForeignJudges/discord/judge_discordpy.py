"""discord.py, unmodified but for the address, against a simulated Discord: judge_discordpy.py URL"""

import asyncio
import io
import sys

import discord
import yarl
from discord import app_commands
from simulator import BOT, TOKEN, Checks, Simulator, until

check = Checks("discord.py")


class Bot(discord.Client):
    def __init__(self):
        intents = discord.Intents.all()
        super().__init__(intents=intents)
        self.tree = app_commands.CommandTree(self)
        self.heard = []
        self.news = []

        @self.tree.command(name="greet", description="greets")
        async def greet(interaction: discord.Interaction):
            await interaction.response.defer(thinking=True)
            await interaction.followup.send("greetings")
            await interaction.followup.send("and once more")

        @self.tree.command(name="quick", description="answers at once")
        async def quick(interaction: discord.Interaction):
            await interaction.response.send_message("at once")

    async def on_ready(self):
        self.news.append("ready")

    async def on_resumed(self):
        self.news.append("resumed")

    async def on_message(self, message):
        if message.author.id == self.user.id:
            return
        self.heard.append(message)
        if message.content.endswith("file please"):
            await message.channel.send("here", file=discord.File(io.BytesIO(b"some text"), "notes.txt"))
        elif message.attachments:
            content = await message.attachments[0].read()
            await message.reply(f"{message.attachments[0].filename}: {content.decode()}")
        elif message.content.endswith("buttons please"):
            view = discord.ui.View()
            button = discord.ui.Button(label="Yes", custom_id="yes")

            async def pressed(interaction):
                await interaction.response.edit_message(content="pressed", view=None)

            button.callback = pressed
            view.add_item(button)
            await message.channel.send("choose", view=view)
        else:
            await message.reply(f"echo: {message.content}")

    async def on_message_edit(self, before, after):
        self.news.append(("edit", after.content))

    async def on_raw_reaction_add(self, payload):
        self.news.append(("reaction", str(payload.emoji), payload.user_id))

    async def on_typing(self, channel, user, when):
        self.news.append(("typing", user.id))

    async def on_thread_create(self, thread):
        self.news.append(("thread", thread.name))


def has(bot, *wanted):
    return lambda _: all(w in bot.news for w in wanted)


async def converse(bot, simulator):
    await until(lambda: bot.news, has(bot, "ready"), "ready")
    check(bot.user.id == BOT and bot.user.bot, "it knows who it is")
    guild = bot.guilds[0]
    check(guild.name == "Simulated" and guild.me.id == BOT, "it knows its server")
    check(guild.self_role is not None, "it has a role of its own")
    check(bot.application_id == BOT, "it knows its application")

    said = await simulator.say("hello", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "echo: hello" for m in s), "an answer in private")
    check(sent[-1]["reply_to"] == said["id"], "the answer is a reply")
    check(isinstance(bot.heard[-1].channel, discord.DMChannel), "a direct message is one")
    check(bot.heard[-1].author.name == "ada", "the author has a name")

    said = await simulator.say("among us", scope="group", conversation="general", mention=True)
    await simulator.seen(lambda s: s and "among us" in s[-1]["text"], "an answer in the channel")
    check(bot.user.mentioned_in(bot.heard[-1]), "it was called by name")
    check(isinstance(bot.heard[-1].channel, discord.TextChannel), "a channel is a text channel")
    await simulator.say("to all", scope="channel", conversation="news")
    await simulator.seen(lambda s: s[-1]["text"] == "echo: to all", "an answer to an announcement")
    check(bot.heard[-1].channel.is_news(), "an announcement channel is one")
    said = await simulator.say("in a thread", scope="group", conversation="general", thread="games")
    await simulator.seen(lambda s: s[-1]["thread"] == said["thread"], "an answer in the thread")
    check(isinstance(bot.heard[-1].channel, discord.Thread), "a thread is one")
    check(bot.heard[-1].channel.parent.name == "general", "the thread has its parent")
    check(("thread", "games") in bot.news, "it was told of the thread")

    await simulator.say("look", sender="ada", files=[{"name": "a.txt", "mime_type": "text/plain", "text": "twelve bytes"}])
    await simulator.seen(lambda s: s[-1]["text"] == "a.txt: twelve bytes", "a file is read")
    await simulator.say("file please", sender="ada")
    sent = await simulator.seen(lambda s: s[-1]["files"], "a file is sent")
    check(sent[-1]["files"] == [{"kind": "document", "name": "notes.txt", "size": 9}], "the file is what it was")

    channel = discord.utils.get(guild.text_channels, name="general")
    async with channel.typing():
        pass
    message = await channel.send("to be changed", nonce="abc", allowed_mentions=discord.AllowedMentions.none())
    message = await message.edit(content="changed")
    await message.add_reaction("👍")
    await until(lambda: bot.news, has(bot, ("edit", "changed"), ("reaction", "👍", BOT)), "news of the change")
    check((await message.fetch()).reactions[0].me, "the reaction is its own")
    await simulator.inject({"react": str(message.id), "emoji": "🎉", "sender": "ada"})
    await until(lambda: bot.news, lambda n: any(x[:2] == ("reaction", "🎉") for x in n), "a reaction by a person")
    await message.remove_reaction("👍", bot.user)
    history = [m async for m in channel.history(limit=5)]
    check(history[0].id == message.id and history[0].content == "changed", "the history is newest first")
    thread = await message.create_thread(name="about it")
    check(thread.id == message.id, "a thread that hangs on a message has its number")
    await thread.send("inside")
    await message.delete()
    sent = await simulator.sent()
    check(not any(m["id"] == str(message.id) for m in sent), "what is deleted is gone")
    try:
        await channel.fetch_message(message.id)
        check(False, "a message that is gone is found")
    except discord.NotFound as error:
        check(error.code == 10008, "the refusal has its number")
    try:
        await channel.send("x" * 2001)
        check(False, "a text too long is taken")
    except discord.HTTPException as error:
        check(error.code == 50035 and "2000" in error.text, "the refusal says which field")

    await bot.tree.sync()
    await simulator.say("/greet", scope="group", conversation="general")
    await simulator.seen(lambda s: [m["text"] for m in s[-2:]] == ["greetings", "and once more"], "a deferred answer")
    await simulator.say("/quick", scope="group", conversation="general")
    await simulator.seen(lambda s: s[-1]["text"] == "at once", "an answer at once")
    await simulator.say("buttons please", sender="ada")
    sent = await simulator.seen(lambda s: s[-1]["text"] == "choose", "a message with a button")
    await simulator.inject({"press": sent[-1]["id"], "custom_id": "yes", "sender": "ada"})
    await simulator.seen(lambda s: s[-1]["text"] == "pressed", "the button changes the message")

    members = await guild.query_members(user_ids=[BOT])
    check([m.id for m in members] == [BOT], "members can be asked for")
    await bot.change_presence(activity=discord.Game("chess"))

    # Trouble.
    await simulator.fault("rate_limit", retry_after=0.3, match="hold on")
    await channel.send("hold on")
    check((await simulator.sent())[-1]["text"] == "hold on", "after a 429 it is sent")
    for number in range(7):
        await channel.send(f"burst {number}")
    check((await simulator.sent())[-1]["text"] == "burst 6", "the limits are told, and kept")
    for kind, more in [("reconnect", {}), ("close", {"code": 4000}), ("invalid_session", {"resumable": True}), ("drop", {})]:
        bot.news.clear()
        await simulator.fault(kind, **more)
        await simulator.say(f"during {kind}", sender="ada")
        await simulator.seen(lambda s: s[-1]["text"] == f"echo: during {kind}", f"an answer after {kind}", 60)
        await until(lambda: bot.news, has(bot, "resumed"), f"resumed after {kind}", 60)
        check(True, f"{kind} is survived")
    bot.news.clear()
    await asyncio.sleep(5)
    await simulator.fault("invalid_session", resumable=False)
    await until(lambda: bot.news, has(bot, "ready"), "a new session", 60)
    await simulator.fault("slow_inflate", seconds=1, match="in pieces")
    await simulator.say("in pieces", sender="ada")
    await simulator.seen(lambda s: s[-1]["text"] == "echo: in pieces", "an answer to what came in pieces", 60)
    heard = [m.content for m in bot.heard]
    check(len(heard) == len(set(heard)), "nothing is heard twice")


async def main(url):
    discord.http.Route.BASE = f"{url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL("ws" + url.removeprefix("http"))
    simulator = Simulator(url)
    await simulator.reset()
    wrong = discord.Client(intents=discord.Intents.none())
    try:
        await wrong.login("OTAwMDAwMDAwMDAwMDAwMDAx.WRONG.FAKE")
        check(False, "a wrong token is taken")
    except discord.LoginFailure:
        check(True, "a wrong token is refused")
    await wrong.close()
    bot = Bot()
    running = asyncio.create_task(bot.start(TOKEN))
    talking = asyncio.create_task(converse(bot, simulator))
    done, _ = await asyncio.wait([running, talking], return_when=asyncio.FIRST_COMPLETED)
    await bot.close()
    for task in done:
        task.result()
    check(talking.done(), "the bot ran to the end")
    await asyncio.gather(running, return_exceptions=True)
    check.done()


discord.utils.setup_logging(level=30)
asyncio.run(main(sys.argv[1]))
