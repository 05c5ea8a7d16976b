/** The handlers that list, export and verify the audit log. */
import { headText, parseHead } from "../../core/audit-head.ts";
import type { AuditFilter, AuditLog, AuditRow } from "../../core/ports/audit-log.ts";
import type * as contract from "../contracts/server.ts";
import type { EndpointValue } from "../endpoints.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { sequenceOf, sequencePage } from "../page.ts";

const exportPageLength = 500;

export function createAuditHandlers(audit: AuditLog): Handlers<"listAudit" | "exportAudit" | "verifyAudit"> {
  return {
    async listAudit({ query: { limit, cursor, ...filter } }) {
      const rows = await audit.query(auditFilter(filter), limit + 1, sequenceOf(cursor));
      const { items, nextCursor } = sequencePage(rows, limit);
      return { entries: items.map(entryBody), nextCursor };
    },
    exportAudit({ query }) {
      return new Response(linesOf(audit, auditFilter(query)), {
        headers: {
          "Content-Type": "application/x-ndjson",
          "Content-Disposition": 'attachment; filename="soketify-audit.jsonl"',
          "Cache-Control": "no-store",
        },
      });
    },
    async verifyAudit({ query: { expect } }) {
      const { rowsChecked, head, removedUpTo, broken, expected } = await audit.verify(
        expect === undefined ? null : parseHead(expect),
      );
      return {
        isIntact: broken === null,
        entriesChecked: rowsChecked,
        head: headText(head),
        removedUpTo,
        broken,
        expected,
      };
    },
  };
}

/** Reads each page after the previous one is sent, so that a long log needs little memory. */
function linesOf(audit: AuditLog, filter: AuditFilter): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let before: number | null = null;
  return new ReadableStream({
    async pull(controller) {
      const rows: AuditRow[] = await audit.query(filter, exportPageLength, before);
      const last = rows.at(-1);
      if (last === undefined) return controller.close();
      before = last.sequence;
      const lines = rows.map((row) => `${JSON.stringify(entryBody(row))}\n`);
      controller.enqueue(encoder.encode(lines.join("")));
    },
  });
}

function auditFilter({ from, to, ...exact }: EndpointValue<"exportAudit", "query">): AuditFilter {
  const { actorKind, actor, action, appId, search = "" } = exact;
  return {
    ...(actorKind === undefined ? {} : { actorKind }),
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(appId === undefined ? {} : { appId }),
    ...(search === "" ? {} : { search }),
    ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    ...(to === undefined ? {} : { toMs: Date.parse(to) }),
  };
}

function entryBody({ atMs, ...row }: AuditRow): contract.AuditEntry {
  const { sequence, actorKind, actorId, actor, address, action, appId, target, before, after, hash } = row;
  return {
    sequence,
    at: isoTime(atMs),
    actorKind,
    actorId,
    actor,
    address,
    action,
    appId,
    target,
    before,
    after,
    hash,
  };
}
