/** What a client was told when it was refused, and what helps against it. */
import { codeWords } from "../connections/code-words.ts";

export function ErrorWords({
  code,
  channel,
  message,
}: {
  readonly code: number | null;
  readonly channel: string | null;
  readonly message: string;
}) {
  return (
    <>
      {[code, channel, message].filter((part) => part !== null).join(" · ")}
      {code !== null && <span className="block text-xs text-soft">{codeWords(code).advice}</span>}
    </>
  );
}
