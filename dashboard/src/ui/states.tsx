/** The loading, empty and error states of a page. */
import type { AdminError } from "@soketify/admin";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";

export function Loading({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-2 p-4">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <div key={key} className="h-8 animate-pulse rounded-md bg-raised" />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      <div className="max-w-prose text-soft">{children}</div>
    </div>
  );
}

export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-md bg-bad-wash px-3 py-2 text-bad">
      <span className="min-w-0 flex-1 break-words">{error.message}</span>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** Renders a request: loading, error, or `children` with the answer. */
export function Loaded<Data>({
  of: query,
  rows,
  children,
}: {
  readonly of: Pick<UseQueryResult<Data, AdminError>, "data" | "error" | "refetch">;
  readonly rows?: number;
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null)
    return (
      <div className="p-4">
        <Failure
          error={query.error}
          {...(!isFinal(query.error) && { onRetry: () => void query.refetch() })}
        />
      </div>
    );
  return <Loading rows={rows ?? 4} />;
}

/** The resource does not exist, so there is no button to retry. */
function isFinal({ status }: AdminError): boolean {
  return status === 404;
}
