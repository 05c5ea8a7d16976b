import Pusher from "pusher";

const pusher = new Pusher({
  appId: process.env.SOKETIFY_APP_ID,
  key: process.env.SOKETIFY_APP_KEY,
  secret: process.env.SOKETIFY_APP_SECRET,
  host: process.env.SOKETIFY_HOST || "127.0.0.1",
  port: process.env.SOKETIFY_PORT || "6001",
  useTLS: false,
});

await pusher.trigger("my-channel", "my-event", { hello: "world" });
