/** Only reads the URL, headers and body of a request. It shows the cost of this in Bun. */
Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  async fetch(request) {
    const isRead = request.url !== "" && request.headers.has("host") && (await request.text()) !== "";
    return Response.json(isRead ? {} : { error: "nothing to read" });
  },
});
