const { key, host, port } = await (await fetch("settings")).json();

const pusher = new Pusher(key, {
  wsHost: host,
  wsPort: port,
  forceTLS: false,
  enabledTransports: ["ws", "wss"],
  disableStats: true,
  cluster: "default", // pusher-js requires it, but its value does not matter
});

const state = document.getElementById("state");
pusher.connection.bind("state_change", ({ current }) => {
  state.textContent = current;
});

pusher.subscribe("my-channel").bind("my-event", (data) => {
  const item = document.createElement("li");
  item.textContent = JSON.stringify(data);
  document.getElementById("events").append(item);
});
