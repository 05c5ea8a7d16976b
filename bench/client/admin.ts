/** The admin API and the metrics of a target that was started with `Admin.environment`. */
import type { Target } from "../target/target.ts";

const token = "bench-admin-token-not-secret";

export interface NewWebhook {
  readonly events: readonly string[];
  readonly url: string;
  readonly filters?: { readonly prefix: string };
  readonly batching?: boolean;
}

export interface AdminAnswer {
  readonly status: number;
  /** The reason if the request was refused. */
  readonly detail: string;
}

export class Admin {
  static readonly environment = { SOKETIFY_ADMIN_TOKEN: token, SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" };
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  createApp(): Promise<AdminAnswer> {
    return this.#post("/apps", { name: "created by the benchmark" });
  }

  /** @throws if the server refuses the rules */
  async setRules(channelRules: readonly object[]): Promise<void> {
    const change = { settings: { channelRules } };
    const answer = await this.#request("PATCH", `/apps/${this.#target.app.id}`, change);
    if (!answer.ok)
      throw new Error(`the server answered the rules with ${answer.status}: ${await answer.text()}`);
  }

  /** @throws if the server refuses the webhook */
  async addWebhook(webhook: NewWebhook): Promise<void> {
    const { status, detail } = await this.#post(`/apps/${this.#target.app.id}/webhooks`, webhook);
    if (status !== 201) throw new Error(`the server answered the webhook with ${status}: ${detail}`);
  }

  /** Creates a pending secret; `value` is null if another secret is pending. */
  async rotateSecret(): Promise<{ readonly status: number; readonly value: string | null }> {
    const answer = await this.#request("POST", `/apps/${this.#target.app.id}/secrets/rotate`, {});
    const { secret } = (await answer.json()) as { secret?: { value: string } };
    return { status: answer.status, value: secret?.value ?? null };
  }

  /** Activates the pending secret, even if backends still use the old one. */
  activateSecret(): Promise<AdminAnswer> {
    return this.#post(`/apps/${this.#target.app.id}/secrets/activate`, { force: true });
  }

  /** The ids of the app's secrets, each with its state. */
  async secrets(): Promise<readonly string[]> {
    const answer = await this.#request("GET", `/apps/${this.#target.app.id}/secrets`);
    const { secrets } = (await answer.json()) as { secrets: readonly { id: string; state: string }[] };
    return secrets.map(({ id, state }) => `${id} ${state}`);
  }

  async auditEntryCount(): Promise<number> {
    const entries = await (await this.#request("GET", "/audit/export")).text();
    return entries.split("\n").filter((line) => line !== "").length;
  }

  /** The value of a metric without labels; NaN if the metric is missing. */
  async metric(name: string): Promise<number> {
    const page = await (await fetch(`http://127.0.0.1:${this.#target.port}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)`, "m").exec(page)?.[1]);
  }

  async #post(path: string, body: object): Promise<AdminAnswer> {
    const answer = await this.#request("POST", path, body);
    const { detail = "" } = (await answer.json()) as { detail?: string };
    return { status: answer.status, detail };
  }

  #request(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#target.port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      // An earlier target may have used the same port.
      keepalive: false,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
