/** The form of an endpoint, and the functions that make one. */
import type { z } from "zod";
import type { Permission } from "./contracts/server.ts";

export interface Endpoint {
  readonly method: "get" | "post" | "patch" | "delete";
  /** The path in OpenAPI syntax, below `/api/v1`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** The required permission, on the app in the path if there is one. Null: any authenticated caller. */
  readonly permission: Permission | null;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What the schemas cannot say: why a request that fits them may get 400. */
  readonly refused?: string;
  /** 200 by default. */
  readonly status?: 200 | 201 | 204;
  /** A schema of JSON, another content type, or nothing (204). */
  readonly answer: z.ZodType | "text/event-stream" | "application/x-ndjson" | null;
}

type Parts = Partial<Pick<Endpoint, "query" | "body" | "refused" | "status" | "answer">>;

function endpointMaker<const Method extends Endpoint["method"]>(method: Method) {
  return <const Path extends Endpoint["path"], const Given extends Parts>(
    path: Path,
    permission: Endpoint["permission"],
    summary: string,
    parts: Given,
  ) => ({ method, path, permission, summary, ...parts });
}

/** The status and the answer of an endpoint whose response has no body. */
export const noContent = { status: 204, answer: null } as const;

export const get = endpointMaker("get");
export const post = endpointMaker("post");
export const patch = endpointMaker("patch");
export const remove = endpointMaker("delete");
