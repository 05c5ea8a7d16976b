/** A Pusher server that is already running, on this machine or on another one. */
import { lookup } from "node:dns/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type App, signedPath } from "../client/signature.ts";
import type { Target } from "./target.ts";

/**
 * @param url such as `http://127.0.0.1:6001`
 * @throws with a sentence if the URL cannot be used
 */
export async function foreignTarget(url: string, app: App): Promise<Target> {
  const { protocol, hostname, port, host: name, pathname } = parse(url);
  if (protocol !== "http:" || pathname !== "/")
    throw new Error(`${url}: use http://HOST:PORT without a path. The clients of the benchmark speak no TLS`);
  const { address } = await lookup(hostname, { family: 4 });
  const listenedPort = Number(port || 80);
  return {
    name,
    host: address,
    port: listenedPort,
    app,
    pid: isLoopback(address) ? listenerOf(listenedPort) : 0,
    async stop() {
      // The benchmark did not start it, so it does not stop it.
    },
    restart: () => Promise.reject(new Error(`${name} was not started by the benchmark`)),
  };
}

/** Sends one request. @throws with a sentence if the server does not answer, or answers that it refuses the app */
export async function requireApp({ name, host, port, app }: Target): Promise<void> {
  const answer = await fetch(`http://${host}:${port}${signedPath(app, "GET", "/channels")}`).catch(() => {
    throw new Error(`${name} does not answer: is the server running?`);
  });
  // A server without this endpoint may support the loads nevertheless.
  if (answer.status !== 401 && answer.status !== 403) return;
  const sentence = (await answer.text()).trim();
  throw new Error(
    `${name} answers the app with ${answer.status}: ${sentence}\ncheck --app-id, --key and --secret`,
  );
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new Error(`${url} is not a URL such as http://127.0.0.1:6001`);
  return new URL(url);
}

/** The id of the process that listens on the port; 0 if this user cannot see one. */
function listenerOf(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = new RegExp(`^ *\\d+: [0-9A-F]+:${hexPort} 0+:0000 0A(?: +\\S+){5} +(\\d+)`, "gm");
  const tables = ["tcp", "tcp6"].map((table) => readFileSync(`/proc/net/${table}`, "utf8")).join("\n");
  const sockets = new Set([...tables.matchAll(listening)].map(([, inode]) => `socket:[${inode}]`));
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return Number(pids.find((pid) => filesOf(pid).some((file) => sockets.has(file))) ?? 0);
}

function filesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // ended, or another user's
  }
}
