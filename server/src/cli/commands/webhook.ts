/** `soketify webhook …`: manages an app's webhooks and their deliveries. */

import type { Delivery, Input, Webhook } from "@soketify/admin";
import { Command, Option } from "commander";
import { webhookEventTypes } from "../../core/webhooks/webhook.ts";
import type { AdminClient } from "../admin-client.ts";
import { withApp, withAppArgument } from "../find-app.ts";
import { managementCommand } from "../management-command.ts";
import { printFacts, printJson, printTable } from "../print.ts";
import type { CreateServer } from "../server-port.ts";
import { collectHeader, type HeaderFlags, headerFileHelp, headerHelp, headersOf } from "./webhook-headers.ts";

type CreateBody = Input<"POST /apps/{appId}/webhooks">["body"];

/** The server validates the values. */
interface CreateFlags extends HeaderFlags {
  readonly event: CreateBody["events"];
  readonly batching: boolean;
  readonly prefix: string[];
  readonly suffix: string[];
  readonly glob: string[];
}

interface UpdateFlags extends Partial<CreateFlags> {
  readonly to?: string;
  readonly allChannels?: true;
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
  const command = withAppArgument(managementCommand("list", "List the app's webhooks", "webhook list Shop"));
  return command.action((app: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const { webhooks } = await admin.call("GET /apps/{appId}/webhooks", { path: { appId } });
      if (isJson) return printJson(webhooks);
      const rows = webhooks.map(({ id, health, batching, events, url }) => [
        id,
        health.state,
        batching ? "batching" : "single",
        events.join(","),
        url,
      ]);
      printTable(["id", "state", "requests", "events", "url"], rows);
    }),
  );
}

function create(createServer: CreateServer): Command {
  const command = withAppArgument(
    managementCommand(
      "create",
      "Create a webhook",
      "webhook create Shop https://example.com/hook --event channel_occupied channel_vacated",
    ),
  )
    .argument("<url>", "The URL that receives the events")
    .addOption(
      new Option("--event <type...>", "The event types to send")
        .choices(webhookEventTypes)
        .makeOptionMandatory(),
    )
    .option("--batching", "Send several events in one request", false)
    .option("--prefix <text...>", "Only channels whose name starts with this", [])
    .option("--suffix <text...>", "Only channels whose name ends with this", [])
    .option(
      "--glob <pattern...>",
      "Only channels whose name matches; * matches any characters, ? matches one",
      [],
    )
    .option("--header <name:value>", headerHelp, collectHeader)
    .option("--header-file <path>", headerFileHelp);
  return command.action((app: string, url: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const flags = command.opts<CreateFlags>();
      const { event, batching, prefix, suffix, glob } = flags;
      const headers = headersOf(flags);
      const body: CreateBody = { url, events: event, batching, filters: { prefix, suffix, glob }, headers };
      const { webhook } = await admin.call("POST /apps/{appId}/webhooks", { path: { appId }, body });
      if (isJson) printJson(webhook);
      else printWebhook(webhook);
    }),
  );
}

function update(createServer: CreateServer): Command {
  const command = managementCommand(
    "update",
    "Change the given values; takes effect immediately",
    "webhook update Shop wh_3f9c2a7b51d0e864 --prefix private-",
  )
    .option("--to <url>", "The URL that receives the events")
    .addOption(new Option("--event <type...>", "All event types to send").choices(webhookEventTypes))
    .option("--batching", "Send several events in one request")
    .option("--no-batching", "Exactly one event in each request")
    .option("--prefix <text...>", "Replace the prefixes: only channels whose name starts with this")
    .option("--suffix <text...>", "Replace the suffixes: only channels whose name ends with this")
    .option("--glob <pattern...>", "Replace the patterns; * matches any characters, ? matches one")
    .addOption(
      new Option("--all-channels", "Remove all prefixes, suffixes and patterns").conflicts([
        "prefix",
        "suffix",
        "glob",
      ]),
    )
    .option("--header <name:value>", "Replace all headers; repeatable", collectHeader)
    .option("--header-file <path>", headerFileHelp)
    .option("--no-header", "Remove all headers")
    .addOption(new Option("--enable", "Start to deliver again").conflicts("disable"))
    .option("--disable", "Stop delivering until it is enabled");
  return withIds(command).action((app: string, webhookId: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const path = { appId, webhookId };
      const flags = command.opts<UpdateFlags>();
      const { to: url, event: events, batching, enable, disable } = flags;
      const filters = await filtersOf(admin, path, flags);
      const headers = headersOf(flags);
      const body = { url, events, batching, filters, headers, enabled: disable ? false : enable };
      const { webhook } = await admin.call("PATCH /apps/{appId}/webhooks/{webhookId}", { path, body });
      if (isJson) printJson(webhook);
      else printWebhook(webhook);
    }),
  );
}

/** The current filters, with each given kind replaced; undefined if none is given. */
async function filtersOf(
  admin: AdminClient,
  path: { readonly appId: string; readonly webhookId: string },
  { allChannels, prefix, suffix, glob }: UpdateFlags,
): Promise<CreateBody["filters"]> {
  if (allChannels) return {};
  if (prefix === undefined && suffix === undefined && glob === undefined) return undefined;
  const { filters } = (await admin.call("GET /apps/{appId}/webhooks/{webhookId}", { path })).webhook;
  return { prefix: prefix ?? filters.prefix, suffix: suffix ?? filters.suffix, glob: glob ?? filters.glob };
}

function remove(createServer: CreateServer): Command {
  const command = managementCommand(
    "delete",
    "Delete a webhook with its deliveries",
    "webhook delete Shop wh_3f9c2a7b51d0e864",
  );
  return withIds(command).action((app: string, webhookId: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      await admin.call("DELETE /apps/{appId}/webhooks/{webhookId}", { path: { appId, webhookId } });
      if (isJson) printJson({ deleted: webhookId });
      else printFacts([["deleted", webhookId]]);
    }),
  );
}

function test(createServer: CreateServer): Command {
  const command = managementCommand(
    "test",
    "Send a test event once and print the response",
    "webhook test Shop wh_3f9c2a7b51d0e864",
  );
  return withIds(command).action((app: string, webhookId: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const tested = await admin.call("POST /apps/{appId}/webhooks/{webhookId}/test", {
        path: { appId, webhookId },
      });
      if (isJson) return printJson(tested);
      printFacts([
        ["delivered", tested.isDelivered ? "yes" : "no"],
        ["status", String(tested.attempt.status ?? "none")],
        ["answer", tested.attempt.answer],
        ...(tested.detail === null ? [] : [["detail", tested.detail] as const]),
      ]);
    }),
  );
}

function deliveries(createServer: CreateServer): Command {
  const command = managementCommand(
    "deliveries",
    "List the newest deliveries of a webhook",
    "webhook deliveries Shop wh_3f9c2a7b51d0e864 --state dead",
  ).addOption(
    new Option("--state <state>", "Only deliveries in this state").choices(["pending", "delivered", "dead"]),
  );
  return withIds(command).action((app: string, webhookId: string) =>
    withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
      const query = { limit: 100, ...stateOf(command) };
      const page = await admin.call("GET /apps/{appId}/webhooks/{webhookId}/deliveries", {
        path: { appId, webhookId },
        query,
      });
      if (isJson) return printJson(page.deliveries);
      const rows = page.deliveries.map(({ id, state, attempts, createdAt, lastAttempt }) => [
        id,
        state,
        String(attempts),
        createdAt,
        String(lastAttempt?.status ?? lastAttempt?.answer ?? ""),
      ]);
      printTable(["id", "state", "attempts", "created", "last response"], rows);
    }),
  );
}

function replay(createServer: CreateServer): Command {
  const command = managementCommand(
    "replay",
    "Send a finished delivery again, or all that were given up",
    "webhook replay Shop wh_3f9c2a7b51d0e864 --given-up",
  );
  return withIds(command)
    .argument("[delivery]", "The delivery's id from `soketify webhook deliveries`")
    .option("--given-up", "All deliveries that were given up")
    .action((app: string, webhookId: string, deliveryId: string | undefined) =>
      withApp(command, createServer, app, async ({ admin, isJson, appId }) => {
        const isAll = command.opts<{ givenUp?: true }>().givenUp === true;
        if (isAll === (deliveryId !== undefined))
          command.error("Give either the id of a delivery, or --given-up for all that were given up.");
        if (deliveryId === undefined) {
          const { replayed } = await admin.call("POST /apps/{appId}/webhooks/{webhookId}/replay", {
            path: { appId, webhookId },
          });
          return isJson ? printJson({ replayed }) : printFacts([["replayed", String(replayed)]]);
        }
        await admin.call("POST /apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay", {
          path: { appId, webhookId, deliveryId },
        });
        if (isJson) printJson({ replayed: deliveryId });
        else printFacts([["replayed", deliveryId]]);
      }),
    );
}

function printWebhook(webhook: Webhook): void {
  const { id, url, events, enabled, batching, filters, headerNames } = webhook;
  const channels = [
    ...filters.prefix.map((text) => `${text}*`),
    ...filters.suffix.map((text) => `*${text}`),
    ...filters.glob,
  ];
  printFacts([
    ["id", id],
    ["url", url],
    ["events", events.join(", ")],
    ["channels", channels.join(", ") || "all"],
    ["requests", batching ? "batched" : "one event per request"],
    ["headers", headerNames.join(", ") || "none"],
    ["state", enabled ? "enabled" : "disabled"],
  ]);
}

function withIds(command: Command): Command {
  return withAppArgument(command).argument("<webhook>", "The webhook's id from `soketify webhook list`");
}

function stateOf(command: Command): Partial<Pick<Delivery, "state">> {
  const { state } = command.opts<Partial<Pick<Delivery, "state">>>();
  return state === undefined ? {} : { state };
}
