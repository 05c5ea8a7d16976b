/** The layout of a page: a heading with actions, and panels. */
import type { ReactNode } from "react";
import { useTitle } from "../shell/shown-app.ts";

export function Page({
  title,
  lead,
  actions,
  children,
  isWide = false,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** As wide as the window, for tables with long rows. */
  readonly isWide?: boolean;
}) {
  useTitle(title);
  return (
    <div
      className={`mx-auto grid w-full ${isWide ? "" : "max-w-6xl"} grid-cols-1 content-start gap-5 px-4 py-6 sm:px-8`}
    >
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1>{title}</h1>
          {lead !== undefined && <p className="mt-0.5 text-soft">{lead}</p>}
        </div>
        <div className="flex flex-wrap gap-2">{actions}</div>
      </header>
      {children}
    </div>
  );
}

export function Panel({
  title,
  lead,
  actions,
  children,
  isFlush = false,
}: {
  readonly title?: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** No padding, for content such as tables. */
  readonly isFlush?: boolean;
}) {
  return (
    <section className="min-w-0 rounded-lg border border-line bg-panel">
      {title !== undefined && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-3">
          <div className="min-w-0">
            <h2 className="wrap-anywhere">{title}</h2>
            {lead !== undefined && <p className="text-[13px] text-soft">{lead}</p>}
          </div>
          <div className="flex flex-wrap gap-2">{actions}</div>
        </div>
      )}
      {isFlush ? children : <div className="p-4">{children}</div>}
    </section>
  );
}
