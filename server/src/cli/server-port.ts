/** The part of the server that the command line uses. server.ts implements it. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

export type CreateServer = (config: Config, log: Logger, worker?: Worker) => Promise<Server>;

/** Parameters of a server that is one of several workers of a supervisor. */
export interface Worker {
  /** The token of commands on this machine. They reach any worker, so all have the same. */
  readonly ownerToken: string;
  readonly supervisorPid: number;
}

/** What `soketify start` runs: one server, or the supervisor of several. */
export interface ListeningServer {
  /** Opens the database, creates the configured app and owner if they are missing, and listens. */
  start(): Promise<void>;
  /** Drains: becomes unready, then closes connections gradually. Resolves when the last one is closed. */
  stop(): Promise<void>;
  /** Closes everything immediately. */
  stopNow(): void;
  /** Reloads the certificate. Keeps the old one if the new one is invalid. */
  reloadTls(): Promise<void>;
  /** Resolves with the reason if a started server must not run, such as with nodes of another database. */
  readonly unfit: Promise<Error>;
  /** The URL for clients, such as `http://localhost:6001`. */
  readonly url: string;
  readonly dashboardUrl: string | null;
  /** The one-time link that creates the owner's account; null if there is an owner. */
  readonly setupUrl: string | null;
  /** The app that this start created because there was none. */
  readonly firstApp: FirstApp | null;
}

export interface Server extends ListeningServer {
  /** Calls the admin API in process with the machine owner's permissions. Works before `start()`. */
  adminRequest(request: Request): Promise<Response>;
  /**
   * Lets the admin API of a server that does not start reach the running nodes of its cluster. Resolves with the reason
   * if they cannot be reached, as a sentence; null: they can, or the server is configured as a single node.
   * @throws Error if they have another database or master key
   */
  reachNodes(): Promise<string | null>;
  /** Closes a server that did not start: its database, and the way to the nodes after all messages were sent. */
  close(): Promise<void>;
}

/** Does not contain the link: it gives full access, and other people may read the log. */
export const noOwnerMessage =
  "The server has no owner yet. Run `soketify people setup-link` on this machine to get the link that creates the owner's account";

export interface FirstApp {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}
