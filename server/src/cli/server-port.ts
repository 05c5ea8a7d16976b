/** What the command line needs of the server; server.ts makes it. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

export type CreateServer = (config: Config, log: Logger) => Promise<Server>;

export interface Server {
  /** Opens the database, makes sure of the configured app and the owner, and listens. */
  start(): Promise<void>;
  /** Drains: unready first, then connections closed over time; resolves when the last one is gone. */
  stop(): Promise<void>;
  /** Closes everything at once. */
  stopNow(): void;
  /** Reads the certificate again. The old one stays where the new one is not right. */
  reloadTls(): Promise<void>;
  /** Resolves with the reason where a started server finds that it must not run, such as beside nodes of another database. */
  readonly unfit: Promise<Error>;
  /** Where clients reach it, such as `http://localhost:6001`. */
  readonly url: string;
  readonly dashboardUrl: string | null;
  /** The one-time link that makes the owner's account; null once there is one. */
  readonly setupUrl: string | null;
  /** The app that this start made because there was none. */
  readonly firstApp: FirstApp | null;
  /** The admin API without a socket, as the owner of the machine. Works before `start()`. */
  adminRequest(request: Request): Promise<Response>;
}

/** The link itself is good for everything, and logs go to places that others read. */
export const nobodyOwns =
  "Nobody owns the server yet: run `soketify people setup-link` on this machine for the link that makes the owner's account";

export interface FirstApp {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}
