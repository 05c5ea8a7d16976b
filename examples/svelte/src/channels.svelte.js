/** State that follows a channel while the component is mounted. */
import { pusher } from "./connect.js";

/** Calls `onEvent` for each event of that name on the channel. */
export function useEvent(channelName, eventName, onEvent) {
  $effect(() => {
    pusher.subscribe(channelName).bind(eventName, onEvent);
    return () => {
      pusher.channel(channelName)?.unbind(eventName, onEvent);
      pusher.unsubscribe(channelName);
    };
  });
}

/** The members of a presence channel: `{ id, info }[]` in `list`. */
export function useMembers(channelName) {
  const members = $state({ list: [] });
  $effect(() => {
    const channel = pusher.subscribe(channelName);
    const update = () => {
      const present = [];
      channel.members.each((member) => present.push(member));
      members.list = present;
    };
    for (const change of ["subscription_succeeded", "member_added", "member_removed"])
      channel.bind(`pusher:${change}`, update);
    return () => pusher.unsubscribe(channelName);
  });
  return members;
}
