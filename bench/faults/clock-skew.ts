/** A publisher with a wrong clock gets an error that names both times. */
import { Api } from "../client/api.ts";
import { startSoketify } from "../target/target.ts";
import { type Fault, failures, runAsProgram } from "./fault.ts";

const toleratedS = 9 * 60;
const refusedS = 11 * 60;

export const clockSkew: Fault = {
  title: "a publisher whose clock is wrong by 11 minutes gets a 401 that names both times",
  async run() {
    const target = await startSoketify();
    const api = await Api.connect(target);
    try {
      const answers = [];
      for (const offS of [-refusedS, -toleratedS, 0, toleratedS, refusedS]) {
        const timestampS = Math.floor(Date.now() / 1000) + offS;
        const { status, body } = await api.publish("clock", 0, 200, timestampS);
        answers.push({ offS, status, body: body.trim(), given: new Date(timestampS * 1000) });
      }
      const far = answers.filter(({ offS }) => Math.abs(offS) === refusedS);
      const near = answers.filter(({ offS }) => Math.abs(offS) !== refusedS);
      return {
        figures: Object.fromEntries(
          answers.map(({ offS, status, body }) => [`${offS} s off`, `${status} ${body}`]),
        ),
        problems: failures({
          "a clock that is wrong by nine minutes is accepted": near.every(({ status }) => status === 200),
          "a clock that is wrong by eleven minutes is answered 401": far.every(
            ({ status }) => status === 401,
          ),
          "the answer says that the timestamp expired, and names the largest allowed difference": far.every(
            ({ body }) => /Timestamp expired: .*600s of server time/.test(body),
          ),
          "the answer names the publisher's time": far.every(({ body, given }) =>
            body.includes(given.toISOString().slice(0, 19)),
          ),
        }),
      };
    } finally {
      api.close();
      await target.stop();
    }
  },
};

if (import.meta.main) await runAsProgram(clockSkew);
