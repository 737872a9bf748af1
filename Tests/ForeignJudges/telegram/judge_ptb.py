"""python-telegram-bot, unmodified but for the address, against a simulated Bot API: judge_ptb.py URL"""

import asyncio
import sys

from simulator import TOKEN, Checks, Simulator, callback_query, free_port
from telegram import Bot, BotCommand, InputMediaDocument, MessageEntity, ReplyParameters, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    MessageReactionHandler,
    filters,
)

check = Checks("python-telegram-bot")


def make_application(url):
    application = (
        Application.builder().token(TOKEN).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot").build())
    heard = []

    async def start(update, context):
        await update.message.reply_markdown_v2("*welcome* \\& hello", do_quote=False)

    async def document(update, context):
        file = await update.message.document.get_file()
        content = bytes(await file.download_as_bytearray()).decode()
        await update.message.reply_text(f"{update.message.document.file_name}: {content}")

    async def echo(update, context):
        heard.append(update)
        if update.message:
            await update.message.reply_text(f"echo: {update.message.text}", do_quote=True)

    async def button(update, context):
        await update.callback_query.answer()
        await context.bot.send_message(update.effective_chat.id, f"button: {update.callback_query.data}")

    async def reaction(update, context):
        heard.append(update)

    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.Document.ALL, document))
    application.add_handler(MessageHandler(filters.ALL, echo))
    application.add_handler(CallbackQueryHandler(button))
    application.add_handler(MessageReactionHandler(reaction))
    return application, heard


async def converse(simulator, heard):
    await simulator.say("hello", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "echo: hello" for m in s), "a dm is answered")
    check(sent[0]["reply_to"] is not None, "an answer is a reply")
    await simulator.say("/start", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "welcome & hello" for m in s), "a command is answered")
    welcome = next(m for m in sent if m["text"] == "welcome & hello")
    check(welcome["entities"] == [{"type": "bold", "offset": 0, "length": 7}], "MarkdownV2 becomes entities")
    await simulator.say("in a topic", conversation="family", scope="group", thread="games", sender="ada")
    sent = await simulator.seen(lambda s: any(m["text"] == "echo: in a topic" for m in s), "a topic is answered")
    await simulator.say("to all", conversation="news", scope="channel")
    await simulator.say(
        "", sender="ada", files=[{"kind": "document", "name": "notes.txt", "text": "what is in the file"}])
    await simulator.seen(
        lambda s: any(m["text"] == "notes.txt: what is in the file" for m in s), "a file is downloaded")
    await simulator.inject(callback_query(77))
    await simulator.seen(lambda s: any(m["text"] == "button: pressed" for m in s), "a button is answered")
    check(any(u.channel_post and u.channel_post.text == "to all" for u in heard), "a channel post is heard")


async def refused(kind, call, what):
    try:
        await call
    except kind as error:
        check(True, what)
        return error
    check(False, what)


async def call_everything(bot, simulator):
    me = await bot.get_me()
    check(me.username == "sim_bot" and me.is_bot, "getMe")
    said = await simulator.say("hello", sender="ada")
    chat = int(said["conversation"])
    message = await bot.send_message(chat, "👍 one", entities=[MessageEntity("bold", 3, 3)])
    check(message.parse_entity(message.entities[0]) == "one", "entities count in UTF-16")
    check((await bot.edit_message_text("two", chat, message.message_id)).text == "two", "editMessageText")
    check(await bot.set_message_reaction(chat, int(said["id"]), "👍"), "setMessageReaction")
    check(await bot.send_chat_action(chat, "typing"), "sendChatAction")
    document = await bot.send_document(chat, b"bytes of a file", filename="naïve.txt", caption="c")
    check(document.document.file_name == "naïve.txt", "sendDocument")
    file = await bot.get_file(document.document.file_id)
    check(bytes(await file.download_as_bytearray()) == b"bytes of a file", "getFile and download")
    album = await bot.send_media_group(chat, [
        InputMediaDocument(b"first", filename="1.txt"), InputMediaDocument(b"second", filename="2.txt")])
    check([m.document.file_name for m in album] == ["1.txt", "2.txt"], "sendMediaGroup")
    check((await bot.send_photo(chat, b"jpeg")).photo[-1].file_size == 4, "sendPhoto")
    check((await bot.send_voice(chat, b"ogg")).voice, "sendVoice")
    check((await bot.send_contact(chat, "+1", "Ada")).contact.first_name == "Ada", "sendContact")
    check((await bot.send_venue(chat, 1, 2, "t", "a")).venue.title == "t", "sendVenue")
    check((await bot.send_poll(chat, "why?", ["a", "b"])).poll.options[1].text == "b", "sendPoll")
    check((await bot.get_chat(chat)).first_name == "Ada", "getChat")
    check((await bot.get_chat_member(chat, me.id)).status, "getChatMember")
    await bot.set_my_commands([BotCommand("new", "start anew")])
    check((await bot.get_my_commands())[0].command == "new", "commands")
    check(await bot.delete_message(chat, message.message_id), "deleteMessage")
    photo = await bot.send_photo(chat, b"jpeg")
    edited = await bot.edit_message_media(InputMediaDocument(b"pdf", filename="a.pdf"), chat, photo.message_id)
    check(edited.document.mime_type == "application/pdf", "editMessageMedia")
    check(len(await bot.copy_messages(chat, chat, [1])) == 1, "copyMessages")
    check((await bot.get_user_profile_photos(chat)).total_count == 0, "getUserProfilePhotos")
    check((await bot.get_my_name()).name, "getMyName")
    check((await bot.get_chat_menu_button()).type, "getChatMenuButton")
    answer = await bot.send_message(chat, "x", reply_parameters=ReplyParameters(1, quote="ell"))
    check(answer.quote.text == "ell", "quotes")
    await refused(BadRequest, bot.get_sticker_set("nobody's"), "sticker sets")
    await refused(BadRequest, bot.get_chat_member(chat, 424242), "strangers")
    await refused(BadRequest, bot.send_message(5, "x"), "chat not found")
    await refused(BadRequest, bot.send_message(chat, "x" * 4097), "too long")
    await simulator.fault("rate_limit", retry_after=7, match="sendMessage")
    error = await refused(RetryAfter, bot.send_message(chat, "x"), "429")
    check(getattr(error.retry_after, "seconds", error.retry_after) == 7, "and how long to wait")
    await simulator.fault("status", code=403, match="sendMessage")
    await refused(Forbidden, bot.send_message(chat, "x"), "403")
    await simulator.fault("status", code=502, match="sendMessage")
    await refused(NetworkError, bot.send_message(chat, "x"), "502")
    await simulator.fault("conflict")
    await refused(Conflict, bot.get_updates(timeout=0), "409")


async def main(url):
    simulator = Simulator(url)
    await simulator.reset()
    application, heard = make_application(url)
    async with application:
        await call_everything(application.bot, simulator)
        await simulator.reset()
        await application.start()
        await application.updater.start_polling(timeout=10, allowed_updates=Update.ALL_TYPES)
        await converse(simulator, heard)
        await application.updater.stop()
        await application.stop()

    await simulator.reset()
    application, heard = make_application(url)
    port = free_port()
    async with application:
        await application.start()
        await application.updater.start_webhook(
            listen="127.0.0.1", port=port, url_path="hook", secret_token="s3cret",
            webhook_url=f"http://127.0.0.1:{port}/hook", allowed_updates=Update.ALL_TYPES)
        await converse(simulator, heard)
        check((await application.bot.get_webhook_info()).url.endswith("/hook"), "getWebhookInfo")
        await application.updater.stop()
        await application.bot.delete_webhook()
        await application.stop()

    stranger = Bot("123456:WRONG", base_url=f"{url}/bot")
    await refused(InvalidToken, stranger.initialize(), "401")
    check.done()


asyncio.run(main(sys.argv[1]))
