/** Stores the errors of each app, grouped by cause and hour. */
import type { Sender } from "../sender.ts";

/** The cause of an error. Errors with equal causes form one group. */
export interface ErrorCause {
  readonly type: "message_refused" | "handshake_refused" | "api_request" | "api_request_refused";
  /** The protocol's code, or the HTTP status; null if the protocol defines none. */
  readonly code: number | null;
  /** The method and route of an API request, such as `POST /apps/:appId/events`. */
  readonly route: string | null;
  /** The channel's name, with `*` for the parts that differ. */
  readonly channelPattern: string | null;
  /** The reason, with `*` for the parts that differ. */
  readonly reasonPattern: string;
  readonly sdk: string | null;
}

/** One error of a group. */
export interface ErrorSample extends Sender {
  /** Increases with each error of its group, node and hour. */
  readonly sequence: number;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  readonly reason: string;
  readonly channel: string | null;
  readonly socketId: string | null;
  /** The number of errors that this entry represents. */
  readonly errors: number;
}

/** The errors with one cause on one node in one hour. Plain JSON. */
export interface ErrorHour {
  readonly appId: string;
  /** A hash of the cause. */
  readonly groupId: string;
  readonly nodeId: string;
  /** Start of the hour (UTC). Unix time in milliseconds. */
  readonly hourMs: number;
  readonly errors: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly cause: ErrorCause;
  /** Without duplicates, at most `affectedMax` of each. A list of that length may be incomplete. */
  readonly socketIds: readonly string[];
  readonly addresses: readonly string[];
  /** The newest `samplesMax` errors, oldest first. */
  readonly newest: readonly ErrorSample[];
}

export const affectedMax = 20;
export const samplesMax = 3;
/** The maximum number of stored hours of an app. The oldest hours beyond it are deleted. */
export const errorHoursMax = 2_000;

export interface ErrorStore {
  /** Writes the hours, and replaces those with the same app, group, node and hour: writing twice changes nothing. */
  save(hours: readonly ErrorHour[]): Promise<void>;
  /** The app's hours whose last error is not before `sinceMs`, oldest hour first. */
  list(appId: string, sinceMs: number): Promise<ErrorHour[]>;
  /** The number of errors by app id, in the hours that start at `fromMs` or later. */
  totals(fromMs: number): Promise<Map<string, number>>;
  /**
   * Deletes the hours that start before `beforeMs`, and the oldest hours of each app with more than `errorHoursMax`.
   */
  prune(beforeMs: number): Promise<void>;
}
