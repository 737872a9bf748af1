"""aiogram, unmodified but for the address, against a simulated Bot API: judge_aiogram.py URL"""

import asyncio
import sys

from aiogram import Bot, Dispatcher, F, types
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from simulator import TOKEN, Checks, Simulator, callback_query, free_port

check = Checks("aiogram")


def make_bot(url, token=TOKEN):
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=None))


def make_dispatcher(heard):
    dispatcher = Dispatcher()

    @dispatcher.message(Command("start"))
    async def start(message: types.Message):
        await message.answer("<b>welcome</b> &amp; hello", parse_mode="HTML")

    @dispatcher.message(F.document)
    async def document(message: types.Message, bot: Bot):
        content = await bot.download(message.document)
        await message.reply(f"{message.document.file_name}: {content.read().decode()}")

    @dispatcher.message()
    async def echo(message: types.Message):
        heard.append(message)
        await message.reply(f"echo: {message.text}")

    @dispatcher.edited_message()
    async def edited(message: types.Message):
        heard.append(message)

    @dispatcher.channel_post()
    async def post(message: types.Message):
        heard.append(message)

    @dispatcher.callback_query()
    async def button(query: types.CallbackQuery):
        await query.answer("thanks")
        await query.message.answer(f"button: {query.data}")

    @dispatcher.message_reaction()
    async def reaction(update: types.MessageReactionUpdated):
        heard.append(update)

    return dispatcher


async def converse(simulator, heard):
    await simulator.say("hello", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "echo: hello" for m in s), "a dm is answered")
    check(sent[0]["reply_to"] is not None, "an answer is a reply")
    await simulator.say("/start", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "welcome & hello" for m in s), "a command is answered")
    welcome = next(m for m in sent if m["text"] == "welcome & hello")
    check(welcome["entities"] == [{"type": "bold", "offset": 0, "length": 7}], "HTML becomes entities")
    await simulator.say("in the family", conversation="family", scope="group", sender="ada")
    await simulator.seen(lambda s: any(m["text"] == "echo: in the family" for m in s), "a group is answered")
    await simulator.say("in a topic", conversation="family", scope="group", thread="games", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "echo: in a topic" for m in s), "a topic is answered")
    check(next(m for m in sent if m["text"] == "echo: in a topic")["thread"], "the answer is in the topic")
    await simulator.say("to all", conversation="news", scope="channel")
    await simulator.say(
        "", sender="ada", files=[{"kind": "document", "name": "notes.txt", "text": "what is in the file"}]
    )
    await simulator.seen(
        lambda s: any(m["text"] == "notes.txt: what is in the file" for m in s), "a file is downloaded"
    )
    await simulator.inject(callback_query(77))
    await simulator.seen(lambda s: any(m["text"] == "button: pressed" for m in s), "a button is answered")
    check(any(getattr(m, "text", None) == "to all" for m in heard), "a channel post is heard")


async def call_everything(bot, simulator):
    me = await bot.get_me()
    check(me.username == "sim_bot" and me.is_bot, "getMe")
    said = await simulator.say("hello", sender="ada")
    chat = int(said["conversation"])
    message = await bot.send_message(chat, "one", reply_markup=types.InlineKeyboardMarkup(
        inline_keyboard=[[types.InlineKeyboardButton(text="yes", callback_data="yes")]]))
    check(message.text == "one" and message.chat.id == chat, "sendMessage")
    check(message.reply_markup.inline_keyboard[0][0].callback_data == "yes", "keyboards come back")
    edited = await bot.edit_message_text("two", chat_id=chat, message_id=message.message_id)
    check(edited.text == "two" and edited.edit_date, "editMessageText")
    check(await bot.set_message_reaction(chat, int(said["id"]), [types.ReactionTypeEmoji(emoji="👍")]), "reaction")
    check(await bot.send_chat_action(chat, "typing"), "sendChatAction")
    upload = types.BufferedInputFile(b"bytes of a file", "naïve.txt")
    document = await bot.send_document(chat, upload, caption="*c*", parse_mode="MarkdownV2")
    check(document.document.file_name == "naïve.txt" and document.caption == "c", "sendDocument")
    check((await bot.download(document.document)).read() == b"bytes of a file", "getFile and download")
    again = await bot.send_document(chat, document.document.file_id)
    check(again.document.file_unique_id == document.document.file_unique_id, "by file_id")
    album = await bot.send_media_group(chat, [
        types.InputMediaPhoto(media=types.BufferedInputFile(b"jpeg", "a.jpg"), caption="album"),
        types.InputMediaPhoto(media="https://example.org/b.jpg"),
    ])
    check(len(album) == 2 and album[0].media_group_id == album[1].media_group_id, "sendMediaGroup")
    check(album[0].photo[-1].width > album[0].photo[0].width, "photos have sizes")
    check((await bot.send_location(chat, 52.5, 13.4)).location.latitude == 52.5, "sendLocation")
    check((await bot.send_poll(chat, "why?", ["a", "b"])).poll.question == "why?", "sendPoll")
    check((await bot.send_dice(chat)).dice.value in range(1, 7), "sendDice")
    check((await bot.get_chat(chat)).first_name == "Ada", "getChat")
    check((await bot.get_chat_member(chat, me.id)).status, "getChatMember")
    check((await bot.copy_message(chat, chat, message.message_id)).message_id, "copyMessage")
    check((await bot.forward_message(chat, chat, message.message_id)).forward_origin, "forwardMessage")
    await bot.set_my_commands([types.BotCommand(command="new", description="start anew")])
    check((await bot.get_my_commands())[0].command == "new", "commands")
    check(await bot.delete_message(chat, message.message_id), "deleteMessage")
    await call_the_rest(bot, simulator, chat)


async def call_the_rest(bot, simulator, chat):
    quote = types.ReplyParameters(message_id=1, quote="ell")
    answer = await bot.send_message(chat, "x", reply_parameters=quote)
    check(answer.quote.text == "ell" and answer.quote.position == 1, "quotes")
    shapes = await bot.send_message(chat, "**>q1\n>q2||\n![👍](tg://emoji?id=5) [a](tg://user?id=%d)" % chat,
                                    parse_mode="MarkdownV2")
    check([e.type for e in shapes.entities] == ["expandable_blockquote", "custom_emoji", "text_mention"],
          "MarkdownV2 to its end")
    crossing = [types.MessageEntity(type="bold", offset=0, length=4),
                types.MessageEntity(type="italic", offset=2, length=4)]
    check(len((await bot.send_message(chat, "abcdef", entities=crossing)).entities) == 3, "entities are cut apart")
    upload = types.BufferedInputFile(b"mp3", "song.mp3")
    audio = (await bot.send_audio(chat, upload, duration=7, title="t", performer="p")).audio
    check((audio.duration, audio.title, audio.performer, audio.mime_type) == (7, "t", "p", "audio/mpeg"), "sendAudio")
    photo = await bot.send_photo(chat, types.BufferedInputFile(b"jpeg", "a.jpg"))
    media = types.InputMediaVideo(media=types.BufferedInputFile(b"mp4", "a.mp4"), caption="c", width=10, height=20)
    edited = await bot.edit_message_media(media, chat_id=chat, message_id=photo.message_id)
    check(edited.video.width == 10 and edited.caption == "c" and not edited.photo, "editMessageMedia")
    check(len(await bot.forward_messages(chat, chat, [1, 999])) == 1, "forwardMessages")
    check(len(await bot.copy_messages(chat, chat, [1])) == 1, "copyMessages")
    poll = await bot.send_poll(chat, "why?", ["a", "b"])
    check((await bot.stop_poll(chat, poll.message_id)).is_closed, "stopPoll")
    place = await bot.send_location(chat, 1, 2, live_period=600)
    moved = await bot.edit_message_live_location(3, 4, chat_id=chat, message_id=place.message_id)
    check(moved.location.latitude == 3, "editMessageLiveLocation")
    check(await bot.stop_message_live_location(chat_id=chat, message_id=place.message_id), "stopMessageLiveLocation")
    check((await bot.get_user_profile_photos(chat)).total_count == 0, "getUserProfilePhotos")
    check((await bot.get_my_name()).name, "getMyName")
    check((await bot.get_my_description()).description == "", "getMyDescription")
    check((await bot.get_my_short_description()).short_description == "", "getMyShortDescription")
    check((await bot.get_chat_menu_button()).type, "getChatMenuButton")
    check(await bot.set_chat_menu_button(menu_button=types.MenuButtonDefault()), "setChatMenuButton")
    check((await bot.get_my_default_administrator_rights()).can_manage_chat is False, "administrator rights")
    group = int((await simulator.say("hi", sender="ada", conversation="family", scope="group"))["conversation"])
    check((await bot.create_chat_invite_link(group, name="n")).creator.is_bot, "createChatInviteLink")
    check((await bot.export_chat_invite_link(group)).startswith("https://t.me/"), "exportChatInviteLink")
    check(await bot.set_chat_permissions(group, types.ChatPermissions(can_send_messages=True)), "setChatPermissions")
    check((await bot.get_chat_member(group, chat)).user.first_name == "Ada", "getChatMember of a person")


async def refused(kind, call, what):
    try:
        await call
    except kind as error:
        check(True, what)
        return error
    check(False, what)


async def be_refused(bot, simulator, url):
    said = await simulator.say("hello", sender="ada")
    chat = int(said["conversation"])
    await refused(TelegramBadRequest, bot.send_message(5, "x"), "chat not found")
    await refused(TelegramBadRequest, bot.send_message(chat, "x" * 4097), "too long")
    await refused(TelegramBadRequest, bot.send_message(chat, "<b>x", parse_mode="HTML"), "broken markup")
    for data in ("x" * 65, None):
        keyboard = types.InlineKeyboardMarkup(
            inline_keyboard=[[types.InlineKeyboardButton(text="a", callback_data=data)]])
        await refused(TelegramBadRequest, bot.send_message(chat, "x", reply_markup=keyboard), "broken keyboards")
    quote = types.ReplyParameters(message_id=1, quote="never said")
    await refused(TelegramBadRequest, bot.send_message(chat, "x", reply_parameters=quote), "wrong quotes")
    await refused(TelegramBadRequest, bot.get_chat_member(chat, 424242), "strangers")
    await refused(TelegramBadRequest, bot.get_sticker_set("nobody's"), "sticker sets")
    message = await bot.send_message(chat, "same")
    error = await refused(
        TelegramBadRequest, bot.edit_message_text("same", chat_id=chat, message_id=message.message_id), "not modified")
    check("message is not modified" in str(error), "and says so")
    await simulator.fault("rate_limit", retry_after=7, match="sendMessage")
    error = await refused(TelegramRetryAfter, bot.send_message(chat, "x"), "429")
    check(error.retry_after == 7, "and how long to wait")
    await simulator.fault("status", code=403, match="sendMessage")
    await refused(TelegramForbiddenError, bot.send_message(chat, "x"), "403")
    await simulator.fault("status", code=502, match="sendMessage")
    await refused(TelegramServerError, bot.send_message(chat, "x"), "502")
    stranger = make_bot(url, "123456:WRONG")
    await refused(TelegramUnauthorizedError, stranger.get_me(), "401")
    await stranger.session.close()
    confirmed = (await bot.get_updates(offset=-1, timeout=0))[-1].update_id + 1
    waiting = asyncio.create_task(bot.get_updates(offset=confirmed, timeout=20))
    await asyncio.sleep(0.5)
    await bot.get_updates(offset=confirmed, timeout=0)
    await refused(TelegramConflictError, waiting, "409")


async def main(url):
    simulator = Simulator(url)
    await simulator.reset()
    bot, heard = make_bot(url), []
    await call_everything(bot, simulator)
    await be_refused(bot, simulator, url)

    await simulator.reset()
    dispatcher = make_dispatcher(heard)
    polling = asyncio.create_task(dispatcher.start_polling(
        bot, handle_signals=False, close_bot_session=False, polling_timeout=10,
        allowed_updates=["message", "edited_message", "channel_post", "callback_query", "message_reaction"]))
    await converse(simulator, heard)
    await dispatcher.stop_polling()
    await polling

    await simulator.reset()
    heard.clear()
    port, application = free_port(), web.Application()
    dispatcher = make_dispatcher(heard)
    SimpleRequestHandler(dispatcher, bot, secret_token="s3cret").register(application, path="/hook")
    setup_application(application, dispatcher, bot=bot)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
    await converse(simulator, heard)
    check((await bot.get_webhook_info()).url.endswith("/hook"), "getWebhookInfo")
    check(await bot.delete_webhook(), "deleteWebhook")
    await runner.cleanup()
    await bot.session.close()
    check.done()


asyncio.run(main(sys.argv[1]))
