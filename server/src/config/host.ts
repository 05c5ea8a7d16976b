/** An address to listen on, as an option value and as a part of a URL. */
import { isIP } from "node:net";
import { z } from "zod";

const hostName = /^(?=.{1,253}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$/;

/** Removes surrounding spaces, and the brackets of an IPv6 address in a URL. */
export const hostSchema = z.preprocess(
  (given) => (typeof given === "string" ? given.trim().replace(/^\[(.*)\]$/, "$1") : given),
  z.string().refine((host) => isPlainAddress(host) || hostName.test(host)),
);

/** True for an address without a zone: a URL cannot contain `fe80::1%eth0`. */
function isPlainAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/** `::1` → `[::1]` */
export function hostInUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** The loopback address of a server that listens on all addresses; null if it listens on one. */
export function loopbackFor(host: string): "127.0.0.1" | "::1" | null {
  const url = URL.parse(`http://${hostInUrl(host)}`);
  if (url?.hostname === "0.0.0.0") return "127.0.0.1";
  return url?.hostname === "[::]" ? "::1" : null;
}

/** An address, or a network such as 10.0.0.0/8. */
export const cidr = z.string().refine(isCidr);

function isCidr(given: string): boolean {
  const [address = "", bits, ...rest] = given.split("/");
  if (!isPlainAddress(address) || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128));
}
