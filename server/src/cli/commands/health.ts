/** `soketify health`: checks whether the server is alive, for containers that contain no other program. */
import { Command } from "commander";
import { hostInUrl, loopbackFor } from "../../config/host.ts";
import { addConfigFlags, configOf } from "../config-flags.ts";
import { Refused } from "../refused.ts";
import { withExample } from "../with-example.ts";

const answerTimeoutMs = 2_000;

export function healthCommand(): Command {
  const command = withExample(new Command("health"), "health --port 6001").description(
    "Check whether the server on this machine is alive",
  );
  return addConfigFlags(command).action(async () => {
    const { config } = configOf(command);
    const isTls = config.tlsCertFile !== null && config.metricsPort === null;
    const listensOn = config.metricsHost ?? config.host;
    const host = hostInUrl(loopbackFor(listensOn) ?? listensOn);
    const path = config.metricsPort === null ? `${config.pathPrefix}/health/live` : "/health/live";
    const url = `${isTls ? "https" : "http"}://${host}:${config.metricsPort ?? config.port}${path}`;
    // The certificate names the public host, not this address.
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(answerTimeoutMs),
      tls: { rejectUnauthorized: false },
    }).catch((error: Error) => {
      throw new Refused(`${url} does not answer: ${error.message}`);
    });
    if (answer.status === 404)
      throw new Refused(
        `${url} answers 404, so this is not Soketify, or its path prefix differs: check --port and --path-prefix`,
      );
    if (!answer.ok) throw new Refused(`${url} answers ${answer.status}`);
  });
}
