/** Headers of a webhook. Their values are never shown again, so the form keeps all of them or replaces all of them. */
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";

const field = "headers";

/** @param names the names of the current headers */
export function WebhookHeaders({ names }: { readonly names: readonly string[] }) {
  const [isWriting, setIsWriting] = useState(names.length === 0);
  if (isWriting)
    return (
      <TextArea
        label="Headers"
        name={field}
        rows={2}
        placeholder="Authorization: Bearer …"
        hint={
          names.length === 0
            ? "One per line. Values are not shown again."
            : `One per line. They replace ${names.join(", ")}. Leave empty to send no headers.`
        }
      />
    );
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 text-[13px]">
      <p className="min-w-0">
        <span className="font-medium">Headers</span>{" "}
        <span className="text-soft">{names.join(", ")} (values are hidden)</span>
      </p>
      <Button onClick={() => setIsWriting(true)}>Replace the headers</Button>
    </div>
  );
}

/** Null: keeps the current headers. */
export function parseHeaders(form: FormData): Record<string, string> | Error | null {
  const text = form.get(field);
  if (text === null) return null;
  const headers: Record<string, string> = {};
  for (const line of String(text).split("\n")) {
    if (line.trim() === "") continue;
    const [, name = "", value = ""] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === "") return new Error(`The header "${line.trim()}" must be a name, a colon and a value`);
    headers[name] = value;
  }
  return headers;
}
