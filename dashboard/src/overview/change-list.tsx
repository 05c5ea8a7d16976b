/** The changes that the charts mark, as a list. */
import { Link } from "wouter";
import { exactly } from "../ui/clock.ts";
import { useKeptTime } from "../ui/time-range.ts";
import type { Change } from "./changes.ts";

const shownMax = 8;

export function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  const time = useKeptTime();
  if (changes.length === 0)
    return (
      <p className="mt-4 text-xs text-faint">No settings, secrets, webhooks or nodes changed in this time.</p>
    );
  const shown = changes.slice(-shownMax).reverse();
  return (
    <div className="mt-5 text-[13px]">
      <h3 className="mb-1 font-medium">
        Changes <span className="text-xs font-normal text-faint">marked by ▾ in the charts</span>
      </h3>
      <ul aria-label="Changes" className="grid gap-1">
        {shown.map(({ atMs, words }) => (
          <li key={`${atMs} ${words}`} className="flex flex-wrap gap-x-3">
            <time dateTime={new Date(atMs).toISOString()} className="text-faint tabular-nums">
              {exactly(new Date(atMs).toISOString())}
            </time>
            <span className="min-w-0 break-words">{words}</span>
          </li>
        ))}
      </ul>
      {changes.length > shownMax && (
        <Link to={`/audit${time}`} className="text-link hover:underline">
          All {changes.length} in the audit log
        </Link>
      )}
    </div>
  );
}
