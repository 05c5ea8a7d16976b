import { expect, test } from "bun:test";
import { useServer } from "../support/use-server.ts";

const stage = useServer();

test("each client has the transport that it chose, and the dashboard names it", async () => {
  const chosen = process.env.TEST_TRANSPORT ?? "websocket";
  const { connection } = await stage.pusherJs();
  const light = await stage.raw();
  const socket = await stage.webSocket();
  for (const [socketId, transport] of [
    [connection.socket_id, chosen],
    [light.socketId, chosen],
    [socket.socketId, "websocket"],
  ]) {
    const path = `/apps/${stage.server.app.id}/connections/${socketId}`;
    expect(await stage.server.admin("GET", path)).toMatchObject({ connection: { transport } });
  }
});
