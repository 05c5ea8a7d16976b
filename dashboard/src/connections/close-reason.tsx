/** Why a connection closed: the meaning of the code, the reason that was sent, and what to do. */
import { Badge } from "../ui/badge.tsx";
import { HelpPage } from "../ui/help-page.tsx";
import { afterClose, codeWords, pageOf } from "./code-words.ts";

export function CloseReason({ code, reason }: { readonly code: number; readonly reason: string }) {
  const { title, meaning, advice } = codeWords(code);
  return (
    <section aria-label="Why it closed" className="grid gap-1.5 rounded-lg border border-line bg-page p-3">
      <h3 className="flex flex-wrap items-center gap-2 font-medium">
        <CodeBadge code={code} /> {title}
      </h3>
      {reason !== "" && <p className="border-l-2 border-line pl-2 break-words">{reason}</p>}
      <p className="text-soft">
        {meaning} {afterClose(code)}
      </p>
      <p className="text-soft">
        <span className="font-medium text-ink">What to do: </span>
        {advice}
      </p>
      <HelpPage path={pageOf(code)} />
    </section>
  );
}

/** A badge with the close code. Its color separates the Pusher error codes from normal closes. */
export function CodeBadge({ code }: { readonly code: number }) {
  return <Badge tone={code < 4_000 ? "plain" : "warn"}>{code}</Badge>;
}
