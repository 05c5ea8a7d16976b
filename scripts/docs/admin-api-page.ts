/** The page of the admin API's endpoints. */
import type { Endpoint } from "../../server/src/admin-api/endpoint.ts";
import { endpoints } from "../../server/src/admin-api/endpoints.ts";
import { type PeopleEndpoint, peopleEndpoints } from "../../server/src/admin-api/people/people-endpoints.ts";

export function adminApiPage(): string {
  return `# Admin API

<!-- Written by \`npm run docs\` from the tables of endpoints in server/src/admin-api. -->

The admin API is at \`/api/v1\` of the server. Its OpenAPI 3.1 document, with every parameter, body and answer, is at \`/api/v1/openapi.json\` and
needs no login:

\`\`\`sh
curl http://localhost:6001/api/v1/openapi.json
\`\`\`

[\`@soketify/admin\`](../../packages/admin/README.md) is a typed client for Node, Bun and browsers, generated from this document. The dashboard and
the commands use it:

<<< @/packages/admin/example.js

- **Authentication**: send \`Authorization: Bearer TOKEN\`. \`soketify token create\` creates a token for one app or for all apps. \`SOKETIFY_ADMIN_TOKEN\` sets a token.
  The dashboard uses a session cookie instead, and sends \`X-CSRF-Token\` with each change.
- **Times** are ISO 8601 texts in UTC. Durations are in milliseconds.
- **Lists** have pages: send \`nextCursor\` of the previous page as \`cursor\`, until it is null.
- **Errors** are problems of RFC 9457 with a stable \`code\`. \`help\` names the section of this documentation that explains it: see [Errors](errors.md#codes-of-the-admin-api).

## Apps and the server

${table(Object.values(endpoints).map((each: Endpoint) => row(each, permissionOf(each.permission))))}

## People

${table(Object.values(peopleEndpoints).map((each) => row(each as PeopleEndpoint, accessOf((each as PeopleEndpoint).access))))}
`;
}

function table(rows: readonly string[]): string {
  return ["| request | does | needs |", "| --- | --- | --- |", ...rows].join("\n");
}

function row(
  { method, path, summary }: Pick<Endpoint, "method" | "path" | "summary">,
  needs: string,
): string {
  return `| \`${method.toUpperCase()} ${path}\` | ${summary} | ${needs} |`;
}

function permissionOf(permission: string | null): string {
  return permission === null ? "a login or a token" : `\`${permission}\``;
}

function accessOf(access: PeopleEndpoint["access"]): string {
  switch (access) {
    case "anyone":
      return "nothing";
    case "session":
      return "a login";
    case "people.manage":
      return "`people.manage`";
    default:
      throw access satisfies never;
  }
}
