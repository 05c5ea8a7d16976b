/** Makes a TOTP code good for one use: better-auth takes it again and again while its window lasts. */
import { createHmac } from "node:crypto";
import { symmetricDecrypt } from "better-auth/crypto";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { PeopleAuth } from "./people-auth.ts";

const stepMs = 30_000;
/** From the newest that better-auth takes to the oldest, and one more, since time went on when it had looked. */
const stepsAround = [1, 0, -1, -2];

interface SecondFactor {
  readonly id: string;
  readonly secret: string;
}

/**
 * To be called with a code that better-auth has just found right.
 * @throws Refusal `code_used` where the person used it before, or a later one
 */
export type SpendCode = (personId: string, code: string) => Promise<void>;

export function createSpendCode(auth: PeopleAuth, clock: Pick<Clock, "now">): SpendCode {
  return async (personId, code) => {
    const { adapter, secretConfig } = await auth.$context;
    const model = "twoFactor";
    const where = [{ field: "userId", value: personId }];
    const found = await adapter.findOne<SecondFactor>({ model, where });
    if (found === null) throw used();
    const secret = await symmetricDecrypt({ key: secretConfig, data: found.secret });
    const now = Math.floor(clock.now() / stepMs);
    const step = stepsAround.map((steps) => now + steps).find((one) => hotp(secret, one) === code);
    if (step === undefined) throw used();
    const spent = await adapter.incrementOne({
      model,
      where: [
        { field: "id", value: found.id },
        { field: "lastUsedStep", operator: "lt", value: step },
      ],
      increment: {},
      set: { lastUsedStep: step },
    });
    if (spent === null) throw used();
  };
}

/** RFC 4226 with six digits. */
function hotp(secret: string, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac("sha1", secret).update(message).digest();
  const offset = hash.readUInt8(hash.length - 1) & 0x0f;
  return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

function used(): Refusal {
  return new Refusal("code_used", "This code was used before: wait for the next one");
}
