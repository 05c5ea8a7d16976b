import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect, PusherContext, useEvent, useMembers } from "./hooks.js";

function Room() {
  const members = useMembers("presence-room");
  const [events, setEvents] = useState([]);
  useEvent("my-channel", "my-event", (data) => setEvents((before) => [...before, JSON.stringify(data)]));
  return (
    <>
      <h1>Here now</h1>
      <ul id="members">
        {members.map(({ id, info }) => (
          <li key={id}>{info.name}</li>
        ))}
      </ul>
      <h1>Events of my-channel</h1>
      <ul id="events">
        {events.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows at its end
          <li key={index}>{event}</li>
        ))}
      </ul>
    </>
  );
}

// The URL selects the user: /?token=token-of-bo. Replace this with your application's login.
const token = new URLSearchParams(location.search).get("token") || "token-of-ada";

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <PusherContext value={connect(token)}>
      <Room />
    </PusherContext>
  </StrictMode>,
);
