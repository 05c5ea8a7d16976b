/** Example programs for the first event. They contain the app's key and read the secret from the environment. */
import type { ClientEndpoint } from "../api/client-endpoint.ts";
import { clientOptions, curlProgram, pusherJsProgram } from "../settings/copied-programs.ts";

export interface Example {
  readonly name: string;
  readonly code: string;
}

export interface AppEndpoint extends ClientEndpoint {
  readonly appId: string;
  readonly key: string;
}

const channel = "my-channel";
const event = "my-event";

export function clientExamples(endpoint: AppEndpoint): Example[] {
  const { key } = endpoint;
  const options = clientOptions(endpoint);
  return [
    { name: "JavaScript", code: pusherJsProgram(endpoint, [channel], event) },
    {
      name: "React",
      code: `import Pusher from "pusher-js";
import { useEffect, useState } from "react";

export function Messages() {
  const [messages, setMessages] = useState([]);
  useEffect(() => {
    const pusher = new Pusher("${key}", {
      ${options.replaceAll("\n", "\n    ")}
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
export function serverExamples(
  { appId, key, host, port, isTls, path }: AppEndpoint,
  adminUrl: URL,
): Example[] {
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
      code: curlProgram(adminUrl, appId, { name: event, channels: [channel], data: '{"message":"hello"}' }),
    },
  ];
}
