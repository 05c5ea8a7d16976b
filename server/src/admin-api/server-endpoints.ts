/** The endpoints of `/api/v1` for the server as a whole: what runs, what needs attention, tokens and the audit log. */
import { settingRulesAnswer } from "./contracts/apps.ts";
import { attentionAnswer } from "./contracts/attention.ts";
import { boardPage, boardQuery } from "./contracts/board.ts";
import { cursorRefused, pageQuery } from "./contracts/common.ts";
import { limitsAnswer } from "./contracts/limits.ts";
import * as shape from "./contracts/server.ts";
import { get, noContent, patch, post, remove } from "./endpoint.ts";

export const serverEndpoints = {
  me: get("/me", null, "The caller and their permissions", { answer: shape.meAnswer }),
  server: get("/server", null, "The release, and the URLs for clients and backends", {
    answer: shape.serverAnswer,
  }),
  settingRules: get("/setting-rules", null, "The meaning, default and range of each app setting", {
    answer: settingRulesAnswer,
  }),
  localhostWebhooks: get(
    "/localhost-webhooks",
    null,
    "Whether webhooks may be sent to services of the server's own computer",
    { answer: shape.localhostWebhooksAnswer },
  ),
  changeLocalhostWebhooks: patch(
    "/localhost-webhooks",
    "server.change",
    "Allow webhooks to services of the server's own computer, if it listens on loopback addresses only",
    {
      body: shape.localhostWebhooksBody,
      refused:
        "They cannot be allowed, because the server listens on addresses that other computers may reach",
      answer: shape.localhostWebhooksAnswer,
    },
  ),
  nodes: get("/nodes", "server.read", "The nodes of the server and their health", {
    answer: shape.nodesAnswer,
  }),

  nodeStarts: get("/nodes/starts", "server.read", "The starts of nodes in a time range", {
    query: shape.nodeStartsQuery,
    answer: shape.nodeStartsAnswer,
  }),

  attention: get("/attention", null, "Problems that need attention, in all apps that the caller may see", {
    answer: attentionAnswer,
  }),
  serverLimits: get("/limits", "server.read", "The usage of each limit of the server, on each node", {
    answer: limitsAnswer,
  }),
  board: get("/board", null, "The apps that the caller may see, with their figures of the last hour", {
    query: boardQuery,
    refused: cursorRefused,
    answer: boardPage,
  }),

  listTokens: get("/tokens", "token.manage", "The API tokens without their values", {
    query: pageQuery,
    answer: shape.tokensPage,
  }),
  createToken: post("/tokens", "token.manage", "Create an API token", {
    status: 201,
    body: shape.createTokenBody,
    refused: "`expiresAt` is not in the future",
    answer: shape.createTokenAnswer,
  }),
  deleteToken: remove("/tokens/{tokenId}", "token.manage", "Revoke an API token", noContent),

  listAudit: get("/audit", "audit.read", "The audit log, newest first", {
    query: shape.auditQuery,
    refused: cursorRefused,
    answer: shape.auditPage,
  }),
  exportAudit: get("/audit/export", "audit.read", "The audit log as JSON lines, newest first", {
    query: shape.auditQuery.omit({ limit: true, cursor: true }),
    answer: "application/x-ndjson",
  }),
  verifyAudit: get("/audit/verify", "audit.read", "Verify the hash chain of the audit log", {
    query: shape.auditVerifyQuery,
    answer: shape.auditVerifyAnswer,
  }),
};
