"use client";
/** The members of a room, and the events of a channel. */
import Pusher from "pusher-js";
import { useEffect, useState } from "react";

function connect(token) {
  return new Pusher(process.env.NEXT_PUBLIC_SOKETIFY_APP_KEY, {
    wsHost: process.env.NEXT_PUBLIC_SOKETIFY_HOST || "127.0.0.1",
    wsPort: Number(process.env.NEXT_PUBLIC_SOKETIFY_PORT || 6001),
    forceTLS: false,
    enabledTransports: ["ws", "wss"],
    disableStats: true,
    cluster: "default",
    channelAuthorization: {
      endpoint: "/pusher/auth",
      transport: "ajax",
      headers: { Authorization: `Bearer ${token}` },
    },
  });
}

export default function Page() {
  const [members, setMembers] = useState([]);
  const [events, setEvents] = useState([]);

  useEffect(() => {
    const pusher = connect(new URLSearchParams(location.search).get("token") || "token-of-ada");
    const room = pusher.subscribe("presence-room");
    const update = () => {
      const present = [];
      room.members.each((member) => present.push(member));
      setMembers(present);
    };
    for (const change of ["subscription_succeeded", "member_added", "member_removed"])
      room.bind(`pusher:${change}`, update);
    const channel = pusher.subscribe("my-channel");
    channel.bind("my-event", (data) => setEvents((before) => [...before, JSON.stringify(data)]));
    return () => pusher.disconnect();
  }, []);

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
