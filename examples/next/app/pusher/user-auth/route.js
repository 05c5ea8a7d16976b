/** Signs in a user. */
import { pusher, userOf } from "../../../lib/backend.js";

export async function POST(request) {
  const user = userOf(request);
  if (user === undefined) return new Response("Log in first", { status: 403 });
  const form = await request.formData();
  const data = { id: user.id, user_info: { name: user.name } };
  return Response.json(pusher.authenticateUser(form.get("socket_id"), data));
}
