"use strict";

/* The page speaks the gateway's frames over /ws like every other client: hello, message, abort, and back come
   accepted, streams, final. Text from outside only ever becomes text nodes. */

const $ = (id) => document.getElementById(id);
const log = $("log"), text = $("text"), scroller = document.querySelector("main");

// ---------------------------------------------------------------- what is known

const state = {
  socket: null,
  isOpen: false,
  attempts: 0,
  timer: 0,
  agents: [],
  agent: "",
  session: null,        // {id, key, cursor}
  wantsSnapshot: false,
  turns: [],            // sent and not answered: {id, content, isSent, mine, theirs, answer}
  heartbeat: 30000,
  lastHeard: 0,
};

const memory = {
  read(name) { try { return JSON.parse(localStorage.getItem("praisonai." + name)); } catch { return null; } },
  write(name, value) {
    try {
      if (value == null) localStorage.removeItem("praisonai." + name);
      else localStorage.setItem("praisonai." + name, JSON.stringify(value));
    } catch { /* private mode: the page works without a memory */ }
  },
};
const rememberSession = () => memory.write("session." + state.agent, state.session);

// ---------------------------------------------------------------- making elements

function make(tag, className, content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content != null) element.textContent = content;
  return element;
}

const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
function scrollToEnd() { scroller.scrollTop = scroller.scrollHeight; $("down").hidden = true; }
/** Changes the log, and follows it when the reader was at its end. */
function grow(change) {
  const follow = isAtEnd();
  const result = change();
  if (follow) scrollToEnd(); else $("down").hidden = isAtEnd();
  return result;
}

function addTurn(isMine, who) {
  $("empty").hidden = true;
  const item = make("li", "turn " + (isMine ? "mine" : "theirs"));
  item.append(make("span", isMine ? "hidden" : "who", who));
  const bubble = make("div", "bubble");
  item.append(bubble);
  grow(() => log.append(item));
  return { item, bubble, text: "", meta: null };
}

function addMine(content) {
  const turn = addTurn(true, "You");
  turn.bubble.textContent = content;
  return turn;
}

function addTheirs() {
  const turn = addTurn(false, agentName());
  const dots = make("span", "waiting");
  dots.setAttribute("aria-label", "is thinking");
  dots.append(make("i"), make("i"), make("i"));
  turn.bubble.append(dots);
  return turn;
}

function note(turn, content, isBad) { grow(() => setNote(turn, content, isBad)); }
function setNote(turn, content, isBad) {
  if (!turn.meta) { turn.meta = make("div"); turn.item.append(turn.meta); }
  turn.meta.className = "meta" + (isBad ? " bad" : "");
  turn.meta.textContent = content;
  if (!content) { turn.meta.remove(); turn.meta = null; }
}

const aside = (content) => grow(() => log.append(make("li", "aside", content)));

// ---------------------------------------------------------------- a little Markdown, as nodes

function render(bubble, source, isGrowing) {
  const nodes = [];
  const lines = source.split("\n");
  for (let at = 0; at < lines.length;) {
    const fence = lines[at].match(/^\s*(```+|~~~+)\s*([\w+-]*)/);
    if (fence) {
      const body = [];
      for (at += 1; at < lines.length && !lines[at].trim().startsWith(fence[1]); at += 1) body.push(lines[at]);
      at += 1;
      nodes.push(codeBlock(body.join("\n")));
      continue;
    }
    const block = [];
    while (at < lines.length && lines[at].trim() && !/^\s*(```|~~~)/.test(lines[at])) { block.push(lines[at]); at += 1; }
    if (block.length) nodes.push(...paragraphs(block)); else at += 1;
  }
  bubble.replaceChildren(...nodes);
  bubble.classList.toggle("growing", Boolean(isGrowing));
}

function codeBlock(content) {
  const block = make("pre");
  const copy = make("button", "copy", "Copy");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(content); copy.textContent = "Copied"; } catch { copy.textContent = "Not allowed"; }
  });
  block.append(make("code", "", content), copy);
  return block;
}

/** Lists, quotes, headings and plain paragraphs among lines without an empty one between them. */
function paragraphs(lines) {
  const nodes = [];
  let last = null;
  const kindOf = (line) =>
    /^\s*[-*+]\s+/.test(line) ? "ul" : /^\s*\d+[.)]\s+/.test(line) ? "ol" : /^\s*>/.test(line) ? "blockquote"
    : /^#{1,6}\s/.test(line) ? "h3" : "p";
  for (const line of lines) {
    const kind = kindOf(line);
    if (kind === "ul" || kind === "ol") {
      if (last?.kind !== kind) { last = { kind, node: make(kind) }; nodes.push(last.node); }
      last.node.append(inline(make("li"), line.replace(/^\s*([-*+]|\d+[.)])\s+/, "")));
    } else if (kind === "p" && last && (last.kind === "ul" || last.kind === "ol") && /^\s{2,}/.test(line)) {
      inline(last.node.lastChild, " " + line.trim());
    } else if (kind === "h3") {
      last = null;
      nodes.push(inline(make("h3"), line.replace(/^#+\s*/, "")));
    } else {
      if (last?.kind === kind) last.node.append(make("br"));
      else { last = { kind, node: make(kind) }; nodes.push(last.node); }
      inline(last.node, kind === "blockquote" ? line.replace(/^\s*>\s?/, "") : line);
    }
  }
  return nodes;
}

function inline(parent, source) {
  const pattern = /(`+)(.+?)\1|\*\*(.+?)\*\*|__(.+?)__|\*([^\s*][^*]*)\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"')\]]+)/g;
  let position = 0;
  for (const match of source.matchAll(pattern)) {
    parent.append(source.slice(position, match.index));
    position = match.index + match[0].length;
    if (match[1]) parent.append(make("code", "", match[2]));
    else if (match[3] || match[4]) parent.append(make("strong", "", match[3] || match[4]));
    else if (match[5]) parent.append(make("em", "", match[5]));
    else {
      const link = make("a", "", match[6] || match[8]);
      link.href = match[7] || match[8];
      link.rel = "noreferrer noopener";
      link.target = "_blank";
      parent.append(link);
    }
  }
  parent.append(source.slice(position));
  return parent;
}

// ---------------------------------------------------------------- the connection

function showLink(word, detail) {
  $("link").dataset.state = word;
  $("link-text").textContent = detail || { open: "connected", connecting: "connecting", closed: "offline" }[word];
  $("agent").disabled = !state.agents.length;
  updateButtons();
}

function connect() {
  clearTimeout(state.timer);
  closeSocket();
  showLink("connecting");
  const url = new URL("/ws", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  state.socket = socket;
  socket.addEventListener("open", () => sayHello(socket));
  socket.addEventListener("message", (event) => {
    if (state.socket !== socket) return;
    state.lastHeard = Date.now();
    let frame;
    try { frame = JSON.parse(event.data); } catch { return; }
    receive(frame);
  });
  socket.addEventListener("close", (event) => {
    if (state.socket !== socket) return;
    state.socket = null;
    state.isOpen = false;
    if (event.code === 4003) { showLink("closed"); start(); return; }
    retry(event.code === 1001 || event.code === 1012 ? "the gateway restarts" : "reconnecting");
  });
}

function closeSocket() {
  const socket = state.socket;
  state.socket = null;
  state.isOpen = false;
  if (socket) socket.close(1000);
}

function retry(word, floor = 0) {
  state.attempts += 1;
  const wait = Math.max(Math.min(15000, 500 * 2 ** Math.min(state.attempts - 1, 6)) * (0.75 + Math.random() / 2), floor);
  showLink("connecting", word);
  clearTimeout(state.timer);
  state.timer = setTimeout(connect, wait);
}

function sayHello(socket) {
  const hello = {
    type: "hello", agent_id: state.agent, protocol_min: 1, protocol_max: 1, capabilities: ["streaming"],
  };
  if (state.session) {
    hello.session_id = state.session.id;
    hello.since = state.session.cursor;
    if (state.session.key) hello.resume_key = state.session.key;
    if (state.wantsSnapshot) hello.snapshot = true;
  }
  socket.send(JSON.stringify(hello));
}

function transmit(frame) {
  if (!state.isOpen || !state.socket) return false;
  state.socket.send(JSON.stringify(frame));
  return true;
}

// A connection that has gone silent is dead, whatever the browser believes.
setInterval(() => {
  if (!state.isOpen) return;
  const silence = Date.now() - state.lastHeard;
  if (silence > 2.2 * state.heartbeat) { closeSocket(); retry("reconnecting"); }
  else if (silence > state.heartbeat) transmit({ type: "ping" });
}, 5000);
addEventListener("online", () => { if (!state.isOpen && state.agent) { state.attempts = 0; connect(); } });

// ---------------------------------------------------------------- frames

function receive(frame) {
  if (frame.type === "replay") { receive(frame.event?.data ?? {}); return; }
  if (typeof frame.seq === "number" && state.session) {
    if (frame.seq <= state.session.cursor) return;
    state.session.cursor = frame.seq;
  }
  const handler = handlers[frame.type];
  if (handler) handler(frame);
  if (frame.type !== "token_stream" && frame.type !== "reasoning_stream" && frame.seq) rememberSession();
}

/** The turn a frame is about: the one that bears the name, else the oldest that is not answered. */
const turnOf = (frame) => state.turns.find((turn) => frame.request_id && turn.id === frame.request_id) ?? state.turns[0];

/** The place where the answer to the running turn grows. */
function answerOf(turn) {
  if (turn) return (turn.answer ??= addTheirs());
  // An answer to something this page did not say, or has forgotten.
  return (state.stray ??= addTheirs());
}

const handlers = {
  ping() { transmit({ type: "pong" }); },

  hello_ok(frame) {
    state.isOpen = true;
    state.attempts = 0;
    state.heartbeat = frame.policy?.heartbeat_ms || state.heartbeat;
    const isSame = state.session?.id === frame.session_id;
    const cursor = isSame && frame.resumed ? Math.min(state.session.cursor, frame.cursor) : 0;
    if (isSame && !frame.resumed && log.childElementCount) aside("The earlier conversation is not kept any more; this is a new one.");
    state.session = { id: frame.session_id, key: frame.resume_key ?? (isSame ? state.session.key : null), cursor };
    rememberSession();
    showLink("open");
    if (frame.resync_required && !state.wantsSnapshot) {
      // More was missed than is kept, so the conversation is asked for as a whole.
      state.wantsSnapshot = true;
      sayHello(state.socket);
      return;
    }
    if (!frame.resumed) state.wantsSnapshot = false;
    for (const turn of state.turns) sendTurn(turn);
  },

  hello_error(frame) {
    if (frame.code === "auth_required") { askForToken(); return; }
    if (frame.next === "start_new_session") {
      state.session = null;
      rememberSession();
      connect();
      return;
    }
    if (["rate_limited", "session_in_use", "unavailable"].includes(frame.code)) {
      state.socket = null;
      retry(frame.message, (frame.retry_after_seconds ?? 1) * 1000);
      return;
    }
    showLink("closed", "refused");
    aside(frame.message);
  },

  snapshot(frame) {
    state.wantsSnapshot = false;
    // What was taken is in it, answered or waiting.
    const unsent = state.turns.filter((turn) => !turn.isAccepted);
    state.turns = [];
    log.replaceChildren();
    for (const message of frame.state?.messages ?? []) {
      if (message.metadata?.pending) state.turns.push({ content: message.content, mine: addMine(message.content), isAccepted: true });
      else if (message.sender_id === "user") addMine(message.content);
      else { const turn = addTurn(false, agentName()); render(turn.bubble, message.content); }
    }
    for (const turn of unsent) { log.append(turn.mine.item); state.turns.push(turn); }
    state.session.cursor = Math.max(state.session.cursor, frame.state?.event_cursor ?? 0);
    rememberSession();
    if (log.childElementCount) scrollToEnd(); else $("empty").hidden = false;
  },

  response(frame) {
    const turn = turnOf(frame);
    if (frame.status === "accepted") {
      if (turn) {
        turn.isAccepted = true;
        note(turn.mine, frame.content === "Message queued." ? "waits for its turn" : "");
        if (frame.content !== "Message queued.") answerOf(turn);
      }
    } else if (frame.status === "final") {
      finish(frame, turn);
    } else if (frame.status === "duplicate" && turn) {
      const isStopped = frame.outcome?.status === "aborted";
      note(turn.mine, isStopped ? "not answered" : "");
      if (isStopped) state.turns.splice(state.turns.indexOf(turn), 1);
    }
    updateButtons();
  },

  token_stream(frame) {
    const answer = answerOf(state.turns[0]);
    answer.text += frame.data?.content ?? "";
    grow(() => render(answer.bubble, answer.text, true));
    log.setAttribute("aria-busy", "true");
  },

  reasoning_stream(frame) {
    const answer = answerOf(state.turns[0]);
    if (!answer.thoughts) {
      answer.thoughts = make("details", "thoughts");
      answer.thoughts.append(make("summary", "", "Thoughts"), make("div"));
      answer.item.insertBefore(answer.thoughts, answer.bubble);
    }
    grow(() => answer.thoughts.lastChild.append(frame.data?.content ?? ""));
  },

  tool_call_stream(frame) {
    const answer = answerOf(state.turns[0]);
    const call = frame.data?.tool_call ?? {};
    grow(() => answer.item.insertBefore(make("div", "tool", `${call.name ?? "tool"}(${call.arguments ?? ""})`), answer.bubble));
  },

  retry_stream() {
    const answer = state.turns[0]?.answer ?? state.stray;
    if (!answer) return;
    answer.text = "";
    answer.thoughts?.remove();
    answer.thoughts = null;
    for (const tool of answer.item.querySelectorAll(".tool")) tool.remove();
    grow(() => render(answer.bubble, "", true));
  },

  aborted(frame) {
    forgetWish(frame);
    const names = frame.request_ids;
    let gone;
    if (names && state.turns.every((turn) => turn.id)) {
      gone = state.turns.filter((turn) => names.includes(turn.id));
      state.turns = state.turns.filter((turn) => !names.includes(turn.id));
    } else {
      // What was taken before this page was loaded is not known by name.
      const count = (frame.turn_aborted ? 1 : 0) + (frame.pending_cancelled ?? 0);
      gone = state.turns.splice(0, Math.max(count, frame.request_id ? 0 : 1));
    }
    for (const turn of gone) {
      if (turn.answer) {
        if (turn.answer.text) render(turn.answer.bubble, turn.answer.text); else turn.answer.bubble.replaceChildren();
        note(turn.answer, "stopped");
      } else note(turn.mine, "not answered");
    }
    log.removeAttribute("aria-busy");
    updateButtons();
  },

  no_active_turn(frame) {
    forgetWish(frame);
    updateButtons();
  },

  error(frame) {
    const turn = frame.request_id ? turnOf(frame) : null;
    if (turn) {
      note(turn.mine, frame.message, true);
      if (frame.code === "unavailable" || frame.code === "rate_limited") setTimeout(() => sendTurn(turn), (frame.retry_after_seconds ?? 5) * 1000);
    } else aside(frame.message);
  },

  status(frame) { if (frame.source === "gateway") aside(frame.message); },

  broadcast(frame) {
    const data = frame.data ?? {};
    aside("Notice: " + (typeof data.text === "string" ? data.text : JSON.stringify(data)));
  },

  server_request(frame) {
    const request = frame.request ?? {};
    // It is put again after every reconnection.
    log.querySelector(`[data-request="${CSS.escape(request.request_id)}"]`)?.remove();
    const item = make("li", "aside", request.prompt + " ");
    item.dataset.request = request.request_id;
    const options = request.kind === "approval" ? ["allow", "deny"] : request.options ?? [];
    for (const option of options) {
      const button = make("button", "ghost", option);
      button.type = "button";
      button.addEventListener("click", () => {
        transmit({ type: "server_reply", request_id: request.request_id, value: option });
        item.textContent = `${request.prompt} – ${option}`;
      });
      item.append(button, " ");
    }
    grow(() => log.append(item));
  },

  server_request_closed(frame) {
    const item = log.querySelector(`[data-request="${CSS.escape(frame.request_id)}"]`);
    if (!item?.querySelector("button")) return;
    item.textContent = `${item.firstChild.textContent}– ${frame.status}`;
  },
};

/** A typed "stop" has done its work once it is answered, and is not sent again after a reconnection. */
function forgetWish(frame) {
  const wish = state.turns.findIndex((turn) => frame.request_id && turn.id === frame.request_id);
  if (wish >= 0) state.turns.splice(wish, 1);
}

function finish(frame, turn) {
  const answer = turn ? answerOf(turn) : answerOf(null);
  if (turn) state.turns.splice(state.turns.indexOf(turn), 1); else state.stray = null;
  answer.text = frame.content ?? "";
  grow(() => {
    render(answer.bubble, answer.text);
    const outcome = frame.outcome ?? {};
    if (outcome.status !== "ok") note(answer, outcome.error?.message ?? outcome.status ?? "", outcome.status === "error");
  });
  if (turn) note(turn.mine, "");
  log.removeAttribute("aria-busy");
}

// ---------------------------------------------------------------- talking

function say(content) {
  const turn = { id: crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2), content, mine: addMine(content) };
  scrollToEnd();
  state.turns.push(turn);
  sendTurn(turn);
  updateButtons();
}

/** Sends a message, or sends it again: its name keeps it from being answered twice. */
function sendTurn(turn) {
  if (!state.turns.includes(turn) || turn.isAccepted) return;
  const isSent = transmit({ type: "message", content: turn.content, request_id: turn.id });
  note(turn.mine, isSent ? "" : "will be sent when the connection is back");
}

function updateButtons() {
  const isRunning = state.turns.some((turn) => turn.isAccepted);
  $("stop").hidden = !isRunning || !state.isOpen;
  $("send").disabled = !text.value.trim() || !state.agent;
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const content = text.value.trim();
  if (!content || !state.agent) return;
  text.value = "";
  fit();
  say(content);
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
function fit() {
  text.style.height = "auto";
  text.style.height = text.scrollHeight + "px";
  updateButtons();
}
text.addEventListener("input", fit);
$("stop").addEventListener("click", () => transmit({ type: "abort" }));
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("stop").hidden) transmit({ type: "abort" });
});
$("down").addEventListener("click", scrollToEnd);
scroller.addEventListener("scroll", () => { if (isAtEnd()) $("down").hidden = true; });

// ---------------------------------------------------------------- agents

const agentName = () => state.agent;

function choose(agent, isFresh) {
  state.agent = agent;
  state.turns = [];
  state.stray = null;
  log.replaceChildren();
  memory.write("agent", agent);
  if (isFresh) memory.write("session." + agent, null);
  state.session = memory.read("session." + agent);
  state.wantsSnapshot = Boolean(state.session);
  const details = state.agents.find((candidate) => candidate.id === agent) ?? {};
  const isDemo = details.model?.startsWith("offline/");
  $("agent").value = agent;
  $("model").hidden = !details.model;
  $("model").textContent = isDemo ? "demonstration model" : details.model;
  $("model").classList.toggle("demo", Boolean(isDemo));
  $("demo").hidden = !isDemo;
  $("empty").hidden = false;
  $("empty-mark").textContent = agent.slice(0, 1).toUpperCase();
  $("empty-title").textContent = agent;
  $("empty-text").textContent = details.description || "Ask me something.";
  const ideas = isDemo
    ? ["What are you?", "My name is Ada", "What is 12.5 * 8?", "/help"]
    : ["What can you help me with?", "/help"];
  $("ideas").replaceChildren(...ideas.map((idea) => {
    const item = make("li");
    const button = make("button", "", idea);
    button.type = "button";
    button.addEventListener("click", () => { say(idea); text.focus(); });
    item.append(button);
    return item;
  }));
  document.title = `${agent} · praisonai`;
  state.attempts = 0;
  connect();
  text.focus();
}

$("agent").addEventListener("change", (event) => choose(event.target.value));
$("fresh").addEventListener("click", () => { if (state.agent) choose(state.agent, true); });

async function start() {
  let response;
  try { response = await fetch("/info", { headers: { Accept: "application/json" } }); } catch {
    showLink("connecting", "the gateway does not answer");
    state.timer = setTimeout(start, 2000);
    return;
  }
  if (response.status === 401 || response.status === 403) { askForToken(); return; }
  if (!response.ok) {
    showLink("closed", `the gateway answers ${response.status}`);
    state.timer = setTimeout(start, 5000);
    return;
  }
  const info = await response.json();
  state.agents = info.agent_details ?? info.agents.map((id) => ({ id }));
  $("hint").textContent = `${info.name} ${info.version}`;
  $("agent").replaceChildren(...state.agents.map((agent) => {
    const option = make("option", "", agent.id);
    option.value = agent.id;
    return option;
  }));
  if (!state.agents.length) {
    showLink("closed", "no agents");
    $("empty-text").textContent = "No agent is configured: add one under agents: in gateway.yaml.";
    return;
  }
  const known = memory.read("agent");
  choose(state.agents.some((agent) => agent.id === known) ? known : state.agents[0].id);
}

// ---------------------------------------------------------------- the token

function askForToken() {
  closeSocket();
  showLink("closed", "not signed in");
  if (!$("login").open) $("login").showModal();
}
$("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("login-error").textContent = "";
  let response;
  try {
    response = await fetch("/api/login", { method: "POST", headers: { Authorization: "Bearer " + $("token").value } });
  } catch { $("login-error").textContent = "The gateway does not answer."; return; }
  if (!response.ok) {
    $("login-error").textContent = response.status === 429 ? "Too many tries; wait a minute." : "This is not the token.";
    return;
  }
  $("token").value = "";
  $("login").close();
  start();
});

// ---------------------------------------------------------------- colours

const themes = ["auto", "light", "dark"];
function paint(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").textContent = { auto: "◐", light: "☀", dark: "☾" }[theme];
  $("theme").title = "Colours: " + { auto: "automatic", light: "light", dark: "dark" }[theme];
  $("theme").setAttribute("aria-label", $("theme").title);
  memory.write("theme", theme);
}
$("theme").addEventListener("click", () => paint(themes[(themes.indexOf(memory.read("theme") ?? "auto") + 1) % 3]));
paint(themes.includes(memory.read("theme")) ? memory.read("theme") : "auto");

start();
