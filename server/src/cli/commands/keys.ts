/** `soketify keys …`: changes the keys that encrypt secrets. */
import { Command } from "commander";
import { systemClock } from "../../composition/system-clock.ts";
import { auditActor, cliActor } from "../../core/actor.ts";
import type { AuditAction } from "../../core/audit-actions.ts";
import { KyselyAuditLog } from "../../storage/audit/kysely-audit-log.ts";
import { type OnKeysChanged, rewrapMasterKey, rotateDataKey } from "../../storage/keys/rewrap-keys.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { type OpenStore, withStore } from "../open-store.ts";
import { printFacts, printJson } from "../print.ts";
import { readLine } from "../read-text.ts";
import { withExample } from "../with-example.ts";

interface Flags {
  readonly newKeyFile?: string;
  readonly json?: true;
}

export function keysCommand(): Command {
  return new Command("keys")
    .description("Change the keys that encrypt secrets")
    .addCommand(rewrap())
    .addCommand(rotate());
}

function rewrap(): Command {
  const command = keyCommand(
    "rewrap",
    "Change the master key, by default master.key in the data folder",
  ).option(
    "--new-key-file <path>",
    "File with the new SOKETIFY_MASTER_KEY, if the key is not in the data folder",
  );
  return command.action(({ newKeyFile, json }: Flags) => {
    const newValue = newKeyFile === undefined ? null : readLine(newKeyFile);
    return withStore(configOf(command).config, async (store) => {
      const recordInAudit = await auditRecorderOf<string>(store, "keys.rewrap", (id) => `master key ${id}`);
      const masterKeyId = await rewrapMasterKey(store.db, store.masterKey, newValue, recordInAudit);
      if (json) return printJson({ masterKeyId });
      printFacts([
        ["master key", masterKeyId],
        ["next", "start every server with the new key"],
      ]);
    });
  });
}

function rotate(): Command {
  const command = keyCommand("rotate", "Encrypt every secret again with a new data key");
  return command.action(({ json }: Flags) =>
    withStore(configOf(command).config, async (store) => {
      const recordInAudit = await auditRecorderOf<number>(
        store,
        "keys.rotate",
        (count) => `${count} secrets`,
      );
      const sealed = await rotateDataKey(store.db, store.masterKey, systemClock.now(), recordInAudit);
      if (json) printJson({ sealed });
      else printFacts([["re-encrypted", String(sealed)]]);
    }),
  );
}

function keyCommand(name: string, description: string): Command {
  const command = withExample(new Command(name), `keys ${name}`)
    .description(description)
    .option("--json", "Print JSON");
  return addConfigFlags(command, ["dataDir", "databaseUrl", "tablePrefix"]);
}

/** Writes the audit entry in the transaction of the change. */
async function auditRecorderOf<Result>(
  { auditKey }: OpenStore,
  action: AuditAction,
  targetOf: (result: Result) => string,
): Promise<OnKeysChanged<Result>> {
  await auditKey.load();
  return (transaction, result) =>
    new KyselyAuditLog(transaction, auditKey, systemClock).append({
      ...auditActor(cliActor),
      action,
      target: targetOf(result),
      appId: null,
      before: null,
      after: null,
    });
}
