/** Serves the page. Any web server can: the page needs only the app's key and Soketify's address, and no secret. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const read = (file) => readFileSync(new URL(file, import.meta.url));
const settings = {
  key: process.env.SOKETIFY_APP_KEY,
  host: process.env.SOKETIFY_HOST || "127.0.0.1",
  port: Number(process.env.SOKETIFY_PORT || 6001),
};
if (!settings.key) {
  console.error(
    "SOKETIFY_APP_KEY is not set. Soketify prints the credentials of its first app when it starts.",
  );
  process.exit(1);
}

const pusherJs = createRequire(import.meta.url).resolve("pusher-js/dist/web/pusher.min.js");
const files = {
  "/": ["text/html", read("index.html")],
  "/page.js": ["text/javascript", read("page.js")],
  "/pusher.min.js": ["text/javascript", readFileSync(pusherJs)],
  "/settings": ["application/json", JSON.stringify(settings)],
};

const server = createServer((request, response) => {
  const file = files[request.url];
  if (file === undefined) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": file[0] }).end(file[1]);
});
const port = Number(process.env.PORT || 3000);
server.once("error", (error) => {
  console.error(`Port ${port} is not available (${error.code}). Set PORT to another port.`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  console.log(`First event: http://127.0.0.1:${server.address().port}`);
});
