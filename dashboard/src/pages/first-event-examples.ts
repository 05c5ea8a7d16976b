/** Ready programs for the first event, with the app's key in them; the secret stays where it is. */
import type { ClientPlace } from "../api/client-place.ts";

export interface Example {
  readonly name: string;
  readonly code: string;
}

export interface AppPlace extends ClientPlace {
  readonly appId: string;
  readonly key: string;
}

export function clientExamples({ key, host, port, isTls, path }: AppPlace): Example[] {
  const wsPath = path === "" ? "" : ` wsPath: "${path}",`;
  const options = `wsHost: "${host}", wsPort: ${port}, wssPort: ${port}, forceTLS: ${isTls},${wsPath}
  enabledTransports: ["ws", "wss"], disableStats: true, cluster: "default",`;
  return [
    {
      name: "JavaScript",
      code: `import Pusher from "pusher-js";

const pusher = new Pusher("${key}", {
  ${options}
});
pusher.subscribe("my-channel").bind("my-event", (data) => console.log(data));`,
    },
    {
      name: "React",
      code: `import Pusher from "pusher-js";
import { useEffect, useState } from "react";

export function Messages() {
  const [messages, setMessages] = useState([]);
  useEffect(() => {
    const pusher = new Pusher("${key}", {
      ${options}
    });
    const channel = pusher.subscribe("my-channel");
    channel.bind("my-event", (data) => setMessages((all) => [...all, data]));
    return () => pusher.disconnect();
  }, []);
  return <pre>{JSON.stringify(messages)}</pre>;
}`,
    },
    {
      name: "Laravel Echo",
      code: `import Echo from "laravel-echo";
import Pusher from "pusher-js";

window.Pusher = Pusher;
const echo = new Echo({
  broadcaster: "pusher", key: "${key}",
  ${options}
});
echo.channel("my-channel").listen(".my-event", (data) => console.log(data));`,
    },
  ];
}

/** @param adminUrl the root of the admin API */
export function serverExamples({ appId, key, host, port, isTls, path }: AppPlace, adminUrl: URL): Example[] {
  const noPath = (comment: string) =>
    path === ""
      ? ""
      : `${comment} This SDK has no option for a path: give it a host whose root is ${path} here.\n`;
  const phpPath = path === "" ? "" : ` "path" => "${path}",`;
  return [
    {
      name: "Node",
      code: `${noPath("//")}import Pusher from "pusher";

const pusher = new Pusher({
  appId: "${appId}", key: "${key}", secret: process.env.SOKETIFY_APP_SECRET,
  host: "${host}", port: "${port}", useTLS: ${isTls},
});
await pusher.trigger("my-channel", "my-event", { message: "hello" });`,
    },
    {
      name: "PHP",
      code: `$pusher = new Pusher\\Pusher("${key}", getenv("SOKETIFY_APP_SECRET"), "${appId}", [
  "host" => "${host}", "port" => ${port}, "scheme" => "${isTls ? "https" : "http"}", "useTLS" => ${isTls},${phpPath}
]);
$pusher->trigger("my-channel", "my-event", ["message" => "hello"]);`,
    },
    {
      name: "Python",
      code: `${noPath("#")}import os, pusher

client = pusher.Pusher(
    app_id="${appId}", key="${key}", secret=os.environ["SOKETIFY_APP_SECRET"],
    host="${host}", port=${port}, ssl=${isTls ? "True" : "False"},
)
client.trigger("my-channel", "my-event", {"message": "hello"})`,
    },
    {
      name: "Go",
      code: `${noPath("//")}client := pusher.Client{
	AppID: "${appId}", Key: "${key}", Secret: os.Getenv("SOKETIFY_APP_SECRET"),
	Host: "${host}:${port}", Secure: ${isTls},
}
client.Trigger("my-channel", "my-event", map[string]string{"message": "hello"})`,
    },
    {
      name: "curl",
      code: `curl ${adminUrl}api/v1/apps/${appId}/events \\
  -H "Authorization: Bearer $SOKETIFY_TOKEN" -H "Content-Type: application/json" \\
  -d '{"name":"my-event","channels":["my-channel"],"data":"{\\"message\\":\\"hello\\"}"}'`,
    },
  ];
}
