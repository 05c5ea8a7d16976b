/** The maximum of Bun's HTTP server: no routes, no body read, one constant answer. */
Bun.serve({ port: Number(process.env.PORT), hostname: "127.0.0.1", fetch: () => new Response("{}") });
