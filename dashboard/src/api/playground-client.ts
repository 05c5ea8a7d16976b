/** A stock `pusher-js` client in the page, authorized by the dashboard's session. */
import type { App } from "@soketify/admin";
import Pusher, { type Channel } from "pusher-js";
import { admin } from "./client.ts";
import type { ClientEndpoint } from "./client-endpoint.ts";

export interface Frame {
  readonly key: number;
  readonly at: string;
  readonly direction: "in" | "out" | "note";
  readonly text: string;
}

export interface PlaygroundMember {
  readonly id: string;
  readonly name: string;
}

const framesMax = 500;

export class PlaygroundClient {
  readonly #pusher: Pusher;
  readonly #onFrames: (frames: readonly Frame[]) => void;
  #frames: readonly Frame[] = [];
  #count = 0;

  constructor(
    app: App,
    { host, port, isTls, path }: ClientEndpoint,
    member: PlaygroundMember,
    onState: (state: string) => void,
    onFrames: (frames: readonly Frame[]) => void,
  ) {
    this.#onFrames = onFrames;
    this.#pusher = new Pusher(app.key, {
      wsHost: host,
      wsPort: port,
      wssPort: port,
      wsPath: path,
      forceTLS: isTls,
      enabledTransports: ["ws", "wss"],
      disableStats: true,
      cluster: "default",
      channelAuthorization: {
        transport: "ajax",
        endpoint: "",
        customHandler: ({ socketId, channelName }, callback) => {
          const isPresence = channelName.startsWith("presence-");
          const channelData = JSON.stringify({ user_id: member.id, user_info: { name: member.name } });
          admin
            .call("POST /apps/{appId}/channel-authorizations", {
              path: { appId: app.id },
              body: { socketId, channel: channelName, ...(isPresence ? { channelData } : {}) },
            })
            .then(
              ({ auth, channel_data }) =>
                callback(null, channel_data === undefined ? { auth } : { auth, channel_data }),
              (error: Error) => callback(error, null),
            );
        },
      },
    });
    const { connection } = this.#pusher;
    connection.bind("state_change", ({ current }: { current: string }) => onState(current));
    connection.bind("connected", () => this.#noteFramesOf(connection.connection.transport));
    connection.bind("error", (error: object) => this.#note("note", `Error: ${JSON.stringify(error)}`));
  }

  get channels(): readonly string[] {
    return this.#pusher.allChannels().map(({ name }) => name);
  }

  subscribe(name: string): void {
    const channel: Channel = this.#pusher.subscribe(name);
    this.#note("out", JSON.stringify({ event: "pusher:subscribe", data: { channel: name } }));
    channel.bind("pusher:subscription_error", (error: object) =>
      this.#note("note", `${name} was refused: ${JSON.stringify(error)}`),
    );
  }

  unsubscribe(name: string): void {
    this.#pusher.unsubscribe(name);
    this.#note("out", JSON.stringify({ event: "pusher:unsubscribe", data: { channel: name } }));
  }

  sendClientEvent(channel: string, event: string, data: unknown): void {
    const isSent = this.#pusher.send_event(event, data, channel);
    this.#note(
      isSent ? "out" : "note",
      isSent ? JSON.stringify({ event, channel, data }) : "Not sent: the client is not connected",
    );
  }

  close(): void {
    this.#pusher.disconnect();
  }

  /** Reads the frames before pusher-js parses them: it would round large numbers. */
  #noteFramesOf(transport: Pusher["connection"]["connection"]["transport"]): void {
    transport.bind("message", ({ data }: { data: string }) => this.#note("in", data));
  }

  #note(direction: Frame["direction"], text: string): void {
    const frame = { key: this.#count, at: new Date().toISOString(), direction, text };
    this.#count += 1;
    this.#frames = [...this.#frames, frame].slice(-framesMax);
    this.#onFrames(this.#frames);
  }
}
