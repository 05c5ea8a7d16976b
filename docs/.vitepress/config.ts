/** The documentation site: `npm run docs:site` serves it, `npm run build:site` writes it to `docs/.vitepress/dist`. */
import { defineConfig } from "vitepress";
import { anchorOf } from "./anchor-of.ts";

const title = "Soketify";

const sidebar = [
  {
    text: "Tutorials",
    items: [
      { text: "Your first event", link: "/docs/tutorial/first-event" },
      { text: "A chat with presence", link: "/docs/tutorial/chat" },
    ],
  },
  {
    text: "How to",
    items: [
      { text: "Move from Pusher", link: "/docs/how-to/move-from-pusher" },
      { text: "Move from soketi", link: "/docs/how-to/move-from-soketi" },
      { text: "Move from Laravel Reverb", link: "/docs/how-to/move-from-reverb" },
      { text: "Move from laravel-websockets", link: "/docs/how-to/move-from-laravel-websockets" },
      { text: "Authorize private and presence channels", link: "/docs/how-to/authorize-channels" },
      { text: "Manage and rotate secrets", link: "/docs/how-to/rotate-secrets" },
      { text: "Run in production", link: "/docs/how-to/run-in-production" },
      { text: "Run behind a proxy", link: "/docs/how-to/behind-a-proxy" },
      { text: "Use TLS", link: "/docs/how-to/tls" },
      { text: "Run several nodes", link: "/docs/how-to/cluster" },
      { text: "Run on Kubernetes", link: "/docs/how-to/kubernetes" },
      { text: "Databases", link: "/docs/how-to/database" },
      { text: "Back up and restore", link: "/docs/how-to/backup" },
      { text: "Receive webhooks", link: "/docs/how-to/webhooks" },
      { text: "Recover missed events", link: "/docs/how-to/nothing-missed" },
      { text: "Send traces to OpenTelemetry", link: "/docs/how-to/opentelemetry" },
      { text: "Runbooks", link: "/docs/how-to/runbooks" },
    ],
  },
  {
    text: "Reference",
    items: [
      { text: "Configuration", link: "/docs/reference/configuration" },
      { text: "Commands", link: "/docs/reference/commands" },
      { text: "HTTP API", link: "/docs/reference/http-api" },
      { text: "Response formats of your backend", link: "/docs/explanation/authentication#response-formats" },
      { text: "Wire protocol", link: "/docs/reference/wire-protocol" },
      { text: "Admin API", link: "/docs/reference/admin-api" },
      { text: "Errors and close codes", link: "/docs/reference/errors" },
      { text: "Logs", link: "/docs/reference/logs" },
      { text: "Metrics", link: "/docs/reference/metrics" },
      { text: "Dashboard", link: "/docs/reference/dashboard" },
    ],
  },
  {
    text: "Explanation",
    items: [
      { text: "How authentication works", link: "/docs/explanation/authentication" },
      { text: "Key and secret", link: "/docs/explanation/authentication#key-and-secret" },
      { text: "Guarantees and order", link: "/docs/explanation/guarantees" },
      { text: "Compared with other servers", link: "/docs/explanation/comparison" },
      { text: "What it costs", link: "/docs/explanation/cost" },
      { text: "Security model", link: "/SECURITY" },
      { text: "Architecture", link: "/ARCHITECTURE" },
    ],
  },
];

export default defineConfig({
  title,
  description: "A realtime WebSocket server that works with any Pusher SDK",
  // The root of the repository, so that a link between two pages is the same here and in a checkout.
  srcDir: "..",
  // The results of the benchmark are a page that it writes with its own HTML. It is not part of the site.
  ignoreDeadLinks: [/results\/full-run/],
  srcExclude: ["CHANGELOG.md", "server/**", "**/data/**", "**/test-results/**"],
  rewrites: { "README.md": "index.md" },
  // HTML and Vue templates in a page would need care from every author. No page uses them.
  // The anchors of GitHub, so that a link to a part of a page is the same in a checkout.
  markdown: { html: false, anchor: { slugify: anchorOf } },
  // Without it, each page asks a host on the network for a font.
  useWebFonts: false,
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/docs/tutorial/first-event" },
      { text: "Configuration", link: "/docs/reference/configuration" },
      { text: "Errors", link: "/docs/reference/errors" },
    ],
  },
});
