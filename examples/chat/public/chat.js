/** The chat's page. `Pusher` is the unchanged pusher-js; only its options mention Soketify. */
const byId = (id) => document.getElementById(id);
const typingShownMs = 2_000;
const typingSentEveryMs = 1_000;

const settings = await (await fetch("settings")).json();
const recovery = settings.recovery === null ? null : await import(settings.recovery);
let recipient = null;
let typingTimer;
let typingSentAt = 0;

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const answer = await post("session", { name: byId("name").value });
  if (!answer.ok) return showProblem(form, await answer.text());
  const me = await answer.json();
  form.hidden = true;
  byId("chat").hidden = false;
  byId("text").focus();
  enter(me);
});

function enter(me) {
  const pusher = new Pusher(settings.key, {
    wsHost: settings.host,
    wsPort: settings.port,
    forceTLS: false,
    disableStats: true,
    enabledTransports: ["ws", "wss"],
    cluster: "default",
    channelAuthorization: { endpoint: "/pusher/auth", transport: "ajax" },
  });
  recovery?.recover(pusher, { reconnectDelayMsMax: 1_000 });
  showState(pusher.connection.state);
  pusher.connection.bind("state_change", ({ current }) => showState(current));

  // #region room
  const room = pusher.subscribe(settings.room);
  const showMembers = () => listMembers(room.members, me);
  room.bind("pusher:subscription_succeeded", showMembers);
  room.bind("pusher:member_added", showMembers);
  room.bind("pusher:member_removed", showMembers);
  room.bind("message", (message) => showMessage(message, me));
  room.bind("client-typing", (_data, { user_id }) => showTyping(room.members.get(user_id)));
  // #endregion room
  pusher.subscribe(`private-inbox-${me.id}`).bind("message", (message) => showMessage(message, me));

  byId("text").addEventListener("input", () => {
    if (recipient !== null || Date.now() - typingSentAt < typingSentEveryMs) return;
    typingSentAt = Date.now();
    room.trigger("client-typing", {});
  });
}

byId("compose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const text = byId("text").value;
  byId("text").value = "";
  const answer = await post("messages", recipient === null ? { text } : { text, to: recipient.id });
  showProblem(form, answer.ok ? "" : await answer.text());
});

byId("everybody").addEventListener("click", () => writeTo(null));

function writeTo(member) {
  recipient = member;
  byId("everybody").hidden = member === null;
  byId("everybody").textContent = member === null ? "" : `${member.name} ×`;
  byId("text").placeholder = member === null ? "Write to all" : `Only ${member.name} will read this`;
  byId("text").focus();
}

function listMembers(members, me) {
  const items = [];
  members.each(({ id, info }) => {
    const button = element("button", "", info.name);
    button.type = "button";
    button.disabled = id === me.id;
    button.title = id === me.id ? "You" : `Write only to ${info.name}`;
    button.addEventListener("click", () => writeTo({ id, name: info.name }));
    const item = element("li", id === me.id ? "me" : "");
    item.append(avatar(id, info.name), button);
    items.push(item);
  });
  byId("members").replaceChildren(...items);
  byId("member-count").textContent = members.count;
}

function showMessage({ from, text, sentAt, isPrivate }, me) {
  const item = element("li", from.id === me.id ? "mine" : "");
  item.classList.toggle("private", isPrivate);
  const time = new Date(sentAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const bubble = element("div", "bubble");
  bubble.append(
    element("p", "from", `${from.name}${isPrivate ? " · private" : ""} · ${time}`),
    element("p", "text", text),
  );
  item.append(avatar(from.id, from.name), bubble);
  byId("messages").append(item);
  if (from.id !== me.id) byId("typing").textContent = "";
  item.scrollIntoView({ block: "end" });
}

function showState(state) {
  byId("state").textContent = state;
  byId("state").dataset.state = state;
}

function showTyping(member) {
  if (!member) return;
  byId("typing").textContent = `${member.info.name} is writing …`;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => {
    byId("typing").textContent = "";
  }, typingShownMs);
}

function avatar(id, name) {
  const mark = element("span", "avatar", name.slice(0, 1).toUpperCase());
  mark.style.setProperty("--hue", Number.parseInt(id.slice(0, 4), 16) % 360);
  mark.ariaHidden = "true";
  return mark;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function showProblem(form, text) {
  form.querySelector(".problem").textContent = text;
}

function post(path, body) {
  return fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
