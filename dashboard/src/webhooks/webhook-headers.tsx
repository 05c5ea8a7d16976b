/** Headers of a webhook. Their values are never shown again, so they are kept whole or replaced whole. */
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";

const field = "headers";

/** @param names of the headers that are there */
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
            ? "One in each line; their values are not shown again"
            : `One in each line, in place of ${names.join(", ")}; leave it empty to send none`
        }
      />
    );
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 text-[13px]">
      <p className="min-w-0">
        <span className="font-medium">Headers</span>{" "}
        <span className="text-soft">{names.join(", ")}, with values that are not shown</span>
      </p>
      <Button onClick={() => setIsWriting(true)}>Replace the headers</Button>
    </div>
  );
}

/** Null: as they are. */
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
