import type { ReactNode } from "react";

const tones = {
  plain: "bg-raised text-soft",
  accent: "bg-accent-wash text-link",
  good: "bg-good-wash text-good",
  warn: "bg-warn-wash text-warn",
  bad: "bg-bad-wash text-bad",
};

export type Tone = keyof typeof tones;

export function Badge({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center rounded inset-ring inset-ring-current/15 px-1.5 py-px text-xs font-medium whitespace-nowrap ${tones[tone]}`}
    >
      {children}
    </span>
  );
}
