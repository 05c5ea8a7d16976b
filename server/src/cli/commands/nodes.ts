/** `soketify nodes`: lists the nodes of the server and their health. */

import type { Node } from "@soketify/admin";
import type { Command } from "commander";
import { managementCommand, withAdmin } from "../management-command.ts";
import { printJson, printTable } from "../print.ts";
import type { CreateServer } from "../server-port.ts";

const mebibyte = 1_048_576;
const head = [
  "name",
  "state",
  "version",
  "up",
  "connections",
  "cpu",
  "lag",
  "memory",
  "redis",
  "last seen",
  "id",
];

export function nodesCommand(createServer: CreateServer): Command {
  const command = managementCommand(
    "nodes",
    "List the nodes of the server with their health; stopped nodes stay in the list for an hour",
    "nodes --url https://ws.example.com",
  );
  return command.action(() =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const { nodes } = await admin.call("GET /nodes", {});
      if (isJson) printJson(nodes);
      else printTable(head, nodes.map(row));
    }),
  );
}

function row(node: Node): string[] {
  return [
    node.name,
    node.state,
    node.version,
    upFor(node.uptimeMs),
    String(node.connectionCount),
    `${Math.round(node.cpuShare * 100)} %`,
    `${node.eventLoopLagMs} ms`,
    `${Math.round(node.residentBytes / mebibyte)} MiB`,
    node.engineRoundTripMs === null ? "-" : `${node.engineRoundTripMs} ms`,
    node.lastSeenAt,
    node.id,
  ];
}

function upFor(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}
