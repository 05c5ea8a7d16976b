/** Reads the `Content-Type` header. */

/** Whether the header says that the body is JSON, with any parameters such as a charset. */
export function isJson(headers: Headers): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return type.trim().toLowerCase() === "application/json";
}
