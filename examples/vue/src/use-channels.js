/** Composables: they subscribe while the component is mounted. */
import { onMounted, onUnmounted, ref } from "vue";
import { pusher } from "./connect.js";

/** Calls `onEvent` for each event of that name on the channel. */
export function useEvent(channelName, eventName, onEvent) {
  onMounted(() => pusher.subscribe(channelName).bind(eventName, onEvent));
  onUnmounted(() => {
    pusher.channel(channelName)?.unbind(eventName, onEvent);
    pusher.unsubscribe(channelName);
  });
}

/** The members of a presence channel, as a ref of `{ id, info }[]`. */
export function useMembers(channelName) {
  const members = ref([]);
  onMounted(() => {
    const channel = pusher.subscribe(channelName);
    const update = () => {
      const present = [];
      channel.members.each((member) => present.push(member));
      members.value = present;
    };
    for (const change of ["subscription_succeeded", "member_added", "member_removed"])
      channel.bind(`pusher:${change}`, update);
  });
  onUnmounted(() => pusher.unsubscribe(channelName));
  return members;
}
