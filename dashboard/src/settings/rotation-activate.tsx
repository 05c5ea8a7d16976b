/** Step 3: revokes the old secret, and says whether that is safe. */
import type { Secret, SecretsAnswer } from "@soketify/admin";
import { useState } from "react";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Failure } from "../ui/states.tsx";
import { When } from "../ui/when.tsx";

export function ActivateStep({
  appId,
  pending,
  activation,
}: {
  readonly appId: string;
  readonly pending: Secret;
  readonly activation: SecretsAnswer["activation"];
}) {
  const path = { appId };
  const mayChange = useMay("app.change");
  const [isAsking, setIsAsking] = useState(false);
  const activate = useChange("POST /apps/{appId}/secrets/activate");
  const cancel = useChange("POST /apps/{appId}/secrets/cancel");
  const isSafe = activation?.isSafe === true && pending.lastUsedAt !== null;
  const press = (force: boolean) =>
    activate.mutate({ path, body: { force } }, { onSuccess: () => setIsAsking(false) });
  return (
    <div className="grid gap-3">
      <p role="status" className={`text-[13px] ${isSafe ? "text-good" : "text-warn"}`}>
        <Advice pending={pending} activation={activation} />
      </p>
      {activate.error !== null && !isAsking && <Failure error={activate.error} />}
      {cancel.error !== null && <Failure error={cancel.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          look={isSafe ? "primary" : "danger"}
          disabled={!mayChange}
          isBusy={activate.isPending}
          onClick={() => (isSafe ? press(false) : setIsAsking(true))}
        >
          {isSafe ? "Activate" : "Activate anyway…"}
        </Button>
        <Button disabled={!mayChange} isBusy={cancel.isPending} onClick={() => cancel.mutate({ path })}>
          Cancel the rotation
        </Button>
      </div>
      <Dialog title="Activate now?" isOpen={isAsking} onClose={() => setIsAsking(false)}>
        <p className="mb-4 text-soft">
          Backends that still use the old secret stop working immediately: their API requests fail with 401,
          and their channel authorizations are rejected. You cannot restore the old secret.
        </p>
        {activate.error !== null && <Failure error={activate.error} />}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => setIsAsking(false)}>Keep both secrets</Button>
          <Button look="danger" isBusy={activate.isPending} onClick={() => press(true)}>
            Revoke the old secret now
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

function Advice({
  pending,
  activation,
}: {
  readonly pending: Secret;
  readonly activation: SecretsAnswer["activation"];
}) {
  if (pending.lastUsedAt === null) return "No backend has used the new secret yet. Deploy it first.";
  if (activation === null || activation.isSafe)
    return "Safe to activate: the new secret is in use, and the old one has not been used recently.";
  return (
    <>
      The old secret was used <When at={activation.oldSecretLastUsedAt} />. At least one backend still uses
      it.
      {activation.safeAt !== null && (
        <>
          {" "}
          If it is not used again, activation is safe <When at={activation.safeAt} />.
        </>
      )}
    </>
  );
}
