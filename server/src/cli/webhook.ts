/** `soketify webhook …`: an app's webhooks and what became of their deliveries. */
import { Command } from "commander";
import type { EndpointAnswer, EndpointInput } from "../admin-api/endpoints.ts";
import { managementCommand, withAdmin } from "./management-command.ts";
import { printFacts, printJson, printTable } from "./print.ts";
import type { CreateServer } from "./server-port.ts";

type CreateBody = EndpointInput<"createWebhook", "body">;

/** The server says which values are wrong. */
interface CreateFlags {
  readonly event: CreateBody["events"];
  readonly batching: boolean;
  readonly prefix: string[];
  readonly suffix: string[];
  readonly glob: string[];
}

interface UpdateFlags {
  readonly to?: string;
  readonly event?: CreateBody["events"];
  readonly enable?: true;
  readonly disable?: true;
}

export function webhookCommand(createServer: CreateServer): Command {
  return new Command("webhook")
    .description("Manage an app's webhooks, test them, and send deliveries again")
    .addCommand(list(createServer))
    .addCommand(create(createServer))
    .addCommand(update(createServer))
    .addCommand(remove(createServer))
    .addCommand(test(createServer))
    .addCommand(deliveries(createServer))
    .addCommand(replay(createServer));
}

function list(createServer: CreateServer): Command {
  const command = managementCommand("list", "The app's webhooks").argument("<app-id>");
  return command.action((appId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const { webhooks } = await admin.call("listWebhooks", { params: { appId } });
      if (isJson) return printJson(webhooks);
      const rows = webhooks.map(({ id, enabled, batching, events, url }) => [
        id,
        enabled ? "enabled" : "disabled",
        batching ? "batching" : "single",
        events.join(","),
        url,
      ]);
      printTable(["id", "state", "requests", "events", "url"], rows);
    }),
  );
}

function create(createServer: CreateServer): Command {
  const command = managementCommand("create", "Make a webhook")
    .argument("<app-id>")
    .argument("<url>")
    .requiredOption("--event <type...>", "Such as channel_occupied")
    .option("--batching", "Many events in one request", false)
    .option("--prefix <text...>", "Only channels whose names start so", [])
    .option("--suffix <text...>", "Only channels whose names end so", [])
    .option("--glob <pattern...>", "Only channels that fit: * is any characters, ? is one", []);
  return command.action((appId: string, url: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const { event, batching, prefix, suffix, glob } = command.opts<CreateFlags>();
      const body: CreateBody = { url, events: event, batching, filters: { prefix, suffix, glob } };
      const { webhook } = await admin.call("createWebhook", { params: { appId }, body });
      if (isJson) printJson(webhook);
      else printWebhook(webhook);
    }),
  );
}

function update(createServer: CreateServer): Command {
  const command = managementCommand("update", "Change what is given; takes effect at once")
    .option("--to <url>", "Where it delivers")
    .option("--event <type...>", "Such as channel_occupied")
    .option("--enable", "Deliver again")
    .option("--disable", "Deliver nothing until it is enabled");
  return withIds(command).action((appId: string, webhookId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const { to, event, enable, disable } = command.opts<UpdateFlags>();
      const body = { url: to, events: event, enabled: disable ? false : enable };
      const { webhook } = await admin.call("changeWebhook", { params: { appId, webhookId }, body });
      if (isJson) printJson(webhook);
      else printWebhook(webhook);
    }),
  );
}

function remove(createServer: CreateServer): Command {
  const command = managementCommand("delete", "Delete a webhook with its deliveries");
  return withIds(command).action((appId: string, webhookId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      await admin.call("deleteWebhook", { params: { appId, webhookId } });
      if (isJson) printJson({ deleted: webhookId });
      else printFacts([["deleted", webhookId]]);
    }),
  );
}

function test(createServer: CreateServer): Command {
  const command = managementCommand("test", "Send a made-up event once, and tell what came back");
  return withIds(command).action((appId: string, webhookId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const tested = await admin.call("testWebhook", { params: { appId, webhookId } });
      if (isJson) return printJson(tested);
      printFacts([
        ["delivered", tested.isDelivered ? "yes" : "no"],
        ["status", String(tested.attempt.status ?? "none")],
        ["answer", tested.attempt.answer],
      ]);
    }),
  );
}

function deliveries(createServer: CreateServer): Command {
  const command = managementCommand("deliveries", "The latest deliveries of a webhook").option(
    "--state <state>",
    "pending, delivered or dead",
  );
  return withIds(command).action((appId: string, webhookId: string) =>
    withAdmin(command, createServer, async ({ admin, isJson }) => {
      const query = { limit: 100, ...stateOf(command) };
      const page = await admin.call("listDeliveries", { params: { appId, webhookId }, query });
      if (isJson) return printJson(page.deliveries);
      const rows = page.deliveries.map(({ id, state, attempts, createdAt, lastAttempt }) => [
        id,
        state,
        String(attempts),
        createdAt,
        String(lastAttempt?.status ?? lastAttempt?.answer ?? ""),
      ]);
      printTable(["id", "state", "attempts", "created", "last answer"], rows);
    }),
  );
}

function replay(createServer: CreateServer): Command {
  const command = managementCommand("replay", "Send a finished delivery once more");
  return withIds(command)
    .argument("<delivery-id>")
    .action((appId: string, webhookId: string, deliveryId: string) =>
      withAdmin(command, createServer, async ({ admin, isJson }) => {
        await admin.call("replayDelivery", { params: { appId, webhookId, deliveryId } });
        if (isJson) printJson({ replayed: deliveryId });
        else printFacts([["replayed", deliveryId]]);
      }),
    );
}

function printWebhook({ id, url, events, enabled }: EndpointAnswer<"changeWebhook">["webhook"]): void {
  printFacts([
    ["id", id],
    ["url", url],
    ["events", events.join(", ")],
    ["state", enabled ? "enabled" : "disabled"],
  ]);
}

function withIds(command: Command): Command {
  return command.argument("<app-id>").argument("<webhook-id>");
}

function stateOf(command: Command): Pick<EndpointInput<"listDeliveries", "query">, "state"> {
  const { state } = command.opts<Pick<EndpointInput<"listDeliveries", "query">, "state">>();
  return state === undefined ? {} : { state };
}
