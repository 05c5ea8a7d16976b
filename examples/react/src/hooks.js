/** A connection for the whole page, and hooks for its channels. */
import Pusher from "pusher-js";
import { createContext, useContext, useEffect, useEffectEvent, useState } from "react";

/** The Pusher client of the page. */
export const PusherContext = createContext(null);

/** @param {string} token of the logged-in user */
export function connect(token) {
  const { VITE_SOKETIFY_APP_KEY, VITE_SOKETIFY_HOST, VITE_SOKETIFY_PORT } = import.meta.env;
  return new Pusher(VITE_SOKETIFY_APP_KEY, {
    wsHost: VITE_SOKETIFY_HOST || "127.0.0.1",
    wsPort: Number(VITE_SOKETIFY_PORT || 6001),
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

/** Subscribes to a channel while the component is shown, and calls `onEvent` for each event of that name. */
export function useEvent(channelName, eventName, onEvent) {
  const pusher = useContext(PusherContext);
  const handle = useEffectEvent(onEvent);
  useEffect(() => {
    const listener = (data) => handle(data);
    const channel = pusher.subscribe(channelName);
    channel.bind(eventName, listener);
    return () => {
      channel.unbind(eventName, listener);
      pusher.unsubscribe(channelName);
    };
  }, [pusher, channelName, eventName]);
}

/** The members of a presence channel, as `{ id, info }`. */
export function useMembers(channelName) {
  const pusher = useContext(PusherContext);
  const [members, setMembers] = useState([]);
  useEffect(() => {
    const channel = pusher.subscribe(channelName);
    const update = () => {
      const present = [];
      channel.members.each((member) => present.push(member));
      setMembers(present);
    };
    const changes = ["pusher:subscription_succeeded", "pusher:member_added", "pusher:member_removed"];
    for (const change of changes) channel.bind(change, update);
    return () => {
      for (const change of changes) channel.unbind(change, update);
      pusher.unsubscribe(channelName);
    };
  }, [pusher, channelName]);
  return members;
}
