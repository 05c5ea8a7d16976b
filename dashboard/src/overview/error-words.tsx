/** The meaning of an error code, and how to fix the cause. */
import { codeWords, pageOf } from "../connections/code-words.ts";
import { HelpPage } from "../ui/help-page.tsx";

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
      {code !== null && (
        <span className="block text-xs text-soft">
          {codeWords(code).advice} <HelpPage path={pageOf(code)} />
        </span>
      )}
    </>
  );
}
