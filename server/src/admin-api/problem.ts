/** Error responses in the format of RFC 9457. */
import { z } from "zod";
import { EngineUnreachable } from "../core/ports/broker.ts";
import { Refusal, type RefusalCode } from "../core/refusal.ts";
import { requestContext } from "../net/request-context.ts";
import { NulInText } from "../net/storable-json.ts";
import { errorPage, helpHeader } from "../protocol/error-page.ts";
import { HttpError } from "../protocol/errors.ts";
import type { Problem } from "./contracts/common.ts";

/** Handles unexpected errors. */
export interface FailureWatch {
  /** Queries the database, because it may have become unreachable just now. */
  readonly isDatabaseUnreachable: () => Promise<boolean>;
  /** Receives all other errors. Their text goes to the log, not to the caller. */
  readonly onBug: (error: unknown) => void;
}

/** While the database is unreachable, most errors are not bugs. */
export async function failureResponse(error: unknown, watch: FailureWatch): Promise<Response> {
  if (asRefusal(error) === null && (await watch.isDatabaseUnreachable()))
    return problemResponse(databaseUnreachable(), watch.onBug);
  return problemResponse(error, watch.onBug);
}

export function databaseUnreachable(): Refusal {
  return new Refusal(
    "database_unreachable",
    "The database cannot be reached or accepts no writes. Clients are still served. Login and changes work again when the database does",
  );
}

/** @param onBug receives unexpected errors. Their text goes to the log, not to the caller */
export function problemResponse(error: unknown, onBug: (error: unknown) => void): Response {
  const refusal = asRefusal(error);
  if (refusal === null) onBug(error);
  const { code, message, status, facts } = refusal ?? internalError();
  const body: Problem = {
    type: "about:blank",
    title: titleOf(code),
    status,
    detail: message,
    code,
    help: errorPage.admin(code),
    ...facts,
  };
  return Response.json(body, {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      [helpHeader]: body.help,
      ...(status === 401 ? { "WWW-Authenticate": 'Bearer realm="soketify"' } : {}),
    },
  });
}

function internalError(): Refusal {
  const context = requestContext.getStore();
  const where = context === undefined ? "" : ` at the request id ${context.requestId}`;
  return new Refusal("internal_error", `The server failed: see its log${where}`);
}

export function invalidRequest(detail: string): Refusal {
  return new Refusal("invalid_request", detail);
}

function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof EngineUnreachable) return new Refusal("engine_unreachable", error.message);
  if (error instanceof HttpError) {
    return new Refusal(error.status === 413 ? "too_large" : "invalid_event", error.message);
  }
  if (error instanceof NulInText) return invalidRequest(error.message);
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    const first = issues[0];
    const detail =
      first === undefined ? "The request is not valid" : `${first.path || "request"}: ${first.message}`;
    return new Refusal("invalid_request", detail, { issues });
  }
  return null;
}

/** `secret_in_use` → `Secret in use` */
function titleOf(code: RefusalCode): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");
}
