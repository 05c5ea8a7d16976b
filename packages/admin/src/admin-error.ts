/** The error of a request that failed. */
import type { ErrorCode, Problem } from "./endpoints.ts";

/** `unreachable`: there was no answer. `unexpected_answer`: the answer is not from the admin API, but for example from a proxy. */
export type AdminErrorCode = ErrorCode | "unreachable" | "unexpected_answer";

type Failure = Omit<Problem, "code"> & { readonly code: AdminErrorCode };

/** `message` is for people, `code` for programs. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  readonly code: AdminErrorCode;
  /** The HTTP status; 0: there was no answer. */
  readonly status: number;
  /** The part of Soketify's documentation that explains the code; null if there was no answer of the API. */
  readonly help: string | null;
  /** The whole error, such as `issues` with each wrong value of a request. */
  readonly problem: Failure;

  constructor(problem: Failure, options?: ErrorOptions) {
    super(problem.detail, options);
    this.code = problem.code;
    this.status = problem.status;
    this.help = problem.help ?? null;
    this.problem = problem;
  }
}

export function unreachable(url: string, cause: unknown): AdminError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const problem = { type: "about:blank", title: "Unreachable", status: 0, code: "unreachable" } as const;
  return new AdminError({ ...problem, detail: `${url} cannot be reached: ${reason}` }, { cause });
}

/** A URL resolves `.` and `..`, so it would name another resource. */
export function invalidPath(name: string): AdminError {
  const problem = { type: "about:blank", title: "Invalid request", code: "invalid_request" } as const;
  return new AdminError({ ...problem, status: 400, detail: `${name} must not be empty, . or ..` });
}

export function unexpected(status: number, text: string): AdminError {
  return new AdminError({
    type: "about:blank",
    title: "Unexpected answer",
    status,
    code: "unexpected_answer",
    detail: `The server answered ${status}, but not as the admin API does: ${text.slice(0, 200)}`,
  });
}
