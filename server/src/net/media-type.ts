/** What the `Content-Type` header says. */

/** Whether the body is said to be JSON. Parameters such as a charset do not matter. */
export function isJson(headers: Headers): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return type.trim().toLowerCase() === "application/json";
}
