/** Two nodes rotate the same secret at the same time, and then activate it at the same time. This must result in exactly one new secret. */
import { Admin } from "../client/admin.ts";
import { postEvent } from "../client/post-event.ts";
import type { App } from "../client/signature.ts";
import { startCluster } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram } from "./fault.ts";

const rounds = { quick: 3, short: 30, long: 300 } satisfies Record<Extent, number>;

export const rotationRace: Fault = {
  title:
    "two nodes that rotate one secret at the same time create one new secret, and both accept the same secrets after each step",
  async run(extent) {
    const cluster = await startCluster(2, () => Admin.environment);
    try {
      const problems: string[] = [];
      const [first] = cluster.nodes;
      if (first === undefined) throw new Error("There are two nodes");
      let { app } = first;
      for (let round = 0; round < rounds[extent]; round++) {
        const raced = await raceRotation(cluster.nodes, app);
        app = raced.app;
        problems.push(...raced.problems.map((problem) => `round ${round}: ${problem}`));
      }
      return { figures: { rounds: rounds[extent] }, problems };
    } finally {
      await cluster.stop();
    }
  },
};

/** @returns the app with its new secret */
async function raceRotation(nodes: readonly Target[], old: App) {
  const admins = nodes.map((node) => new Admin(node));
  const rotated = await Promise.all(admins.map((admin) => admin.rotateSecret()));
  const value = rotated.flatMap((answer) => answer.value ?? [])[0] ?? "";
  const app = { ...old, secret: value };
  const pending = await Promise.all(admins.map((admin) => admin.secrets()));
  const duringRotation = [...(await accepted(nodes, old)), ...(await accepted(nodes, app))];
  const activated = await Promise.all(admins.map((admin) => admin.activateSecret()));
  const after = await Promise.all(admins.map((admin) => admin.secrets()));
  return {
    app,
    problems: failures({
      "one rotation succeeds and the other is refused": isOneOf(rotated, 201),
      "one secret is pending": pending.every((all) => states(all, "pending") === 1),
      "both nodes list the same secrets": [pending, after].every(([one, other]) =>
        Bun.deepEquals(one, other),
      ),
      "both nodes accept both secrets until one is activated": duringRotation.every((is) => is),
      "one activation succeeds and the other is refused": isOneOf(activated, 200),
      "one secret is active after it": after.every((all) => states(all, "active") === 1),
      "both nodes accept the new secret after it": (await accepted(nodes, app)).every((is) => is),
      "neither node accepts the old one after it": !(await accepted(nodes, old)).some((is) => is),
    }),
  };
}

function isOneOf(answers: readonly { readonly status: number }[], status: number): boolean {
  const sorted = answers.map((answer) => answer.status).sort();
  return Bun.deepEquals(sorted, [status, 409]);
}

function states(secrets: readonly string[], state: string): number {
  return secrets.filter((secret) => secret.endsWith(` ${state}`)).length;
}

/** Whether each node accepts an event that is signed with the app's secret. */
function accepted(nodes: readonly Target[], app: App): Promise<boolean[]> {
  return Promise.all(
    nodes.map(async ({ port }) => {
      const { status } = await postEvent({ port, app }, "rotated", 0);
      return status === 200;
    }),
  );
}

if (import.meta.main) await runAsProgram(rotationRace);
