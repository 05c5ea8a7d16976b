/** The page: unchanged pusher-js with the recovery plugin, and a list of the received events. */
const byId = (id) => document.getElementById(id);
const settings = await (await fetch("settings")).json();
let { isOn } = settings;

const pusher = new Pusher(settings.key, {
  wsHost: settings.host,
  wsPort: settings.port,
  forceTLS: false,
  disableStats: true,
  enabledTransports: ["ws"],
  cluster: "default",
});
SoketifyRecovery.recover(pusher, {
  reconnectDelayMsMax: 1_000,
  onMissed: (_channel, reason) =>
    showNotice(`Events were missed (${reason}): a real page would reload its state`),
});

const channel = pusher.subscribe(settings.channel);
channel.bind("event", ({ number }) => add(`Event ${number}`));
channel.bind("soketify:recovered", ({ replayed }) => showNotice(`Recovered ${replayed} of ${replayed}`));

showState(pusher.connection.state);
pusher.connection.bind("state_change", ({ current }) => showState(current));
showNetwork();

byId("network").addEventListener("click", async () => {
  isOn = !isOn;
  await post("network", { isOn });
  showNetwork();
});
byId("publish").addEventListener("click", () => post("events", {}));

function showState(state) {
  byId("state").textContent = `This page is ${state}.`;
  byId("state").dataset.state = state;
}

function showNetwork() {
  byId("network").textContent = isOn ? "Turn the network off" : "Turn the network on";
}

function showNotice(text) {
  add(text).className = "notice";
}

function add(text) {
  const item = document.createElement("li");
  item.textContent = text;
  byId("events").append(item);
  return item;
}

function post(path, body) {
  return fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
