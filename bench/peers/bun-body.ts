/** What reading a request costs in Bun before a word of it is understood: its URL, its headers and its body. */
Bun.serve({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  async fetch(request) {
    const isRead = request.url !== "" && request.headers.has("host") && (await request.text()) !== "";
    return Response.json(isRead ? {} : { error: "nothing to read" });
  },
});
