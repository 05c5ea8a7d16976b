/** An address to listen on: as options hold it, and as it stands in a URL. */
import { isIP } from "node:net";
import { z } from "zod";

const hostName = /^(?=.{1,253}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$/;

/** Blanks around it are dropped, and so are the brackets that it has in a URL. */
export const hostSchema = z.preprocess(
  (given) => (typeof given === "string" ? given.trim().replace(/^\[(.*)\]$/, "$1") : given),
  z.string().refine((host) => isPlainAddress(host) || hostName.test(host)),
);

/** An address without a zone: `fe80::1%eth0` names an interface of one machine, and no URL has room for it. */
export function isPlainAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/** `::1` → `[::1]` */
export function hostInUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** Which address of this machine leads to a server that listens on all of them; null where it listens on one. */
export function loopbackFor(host: string): "127.0.0.1" | "::1" | null {
  const url = URL.parse(`http://${hostInUrl(host)}`);
  if (url?.hostname === "0.0.0.0") return "127.0.0.1";
  return url?.hostname === "[::]" ? "::1" : null;
}
