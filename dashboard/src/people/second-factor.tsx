/** Sets up TOTP: asks for the password, shows the key for the authenticator, then checks a code from it. */
import type { Person } from "@soketify/admin";
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from "react";
import { useChange } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { TextField } from "../ui/field.tsx";
import { Panel } from "../ui/page.tsx";
import { Failure } from "../ui/states.tsx";

const QrCode = lazy(() => import("../ui/qr-code.tsx"));

export function SecondFactor({ person }: { readonly person: Person }) {
  return (
    <Panel
      title="Second factor"
      lead="Each login asks for a code from an authenticator app. Changing this setting ends your other sessions."
      actions={person.hasSecondFactor ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>}
    >
      {person.hasSecondFactor ? <Remove /> : <Enrol />}
    </Panel>
  );
}

function Remove() {
  const remove = useChange("POST /account/second-factor/remove");
  return (
    <PasswordStep
      action="Turn it off"
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={(form) => {
        const given = String(form.get("code")).trim();
        const kind = /^[0-9]{6}$/.test(given) ? "totp" : "backupCode";
        remove.mutate({ body: { password: String(form.get("password")), code: { kind, code: given } } });
      }}
    >
      <TextField
        label="6-digit code from your authenticator, or a backup code"
        name="code"
        autoComplete="one-time-code"
        required
      />
    </PasswordStep>
  );
}

function Enrol() {
  const enrol = useChange("POST /account/second-factor");
  const [code, setCode] = useState("");
  const confirm = useChange("POST /account/second-factor/confirm");
  if (enrol.data === undefined)
    return (
      <PasswordStep
        action="Set it up"
        isBusy={enrol.isPending}
        error={enrol.error}
        onSubmit={(form) => enrol.mutate({ body: { password: String(form.get("password")) } })}
      />
    );
  const { totpUri, backupCodes } = enrol.data;
  return (
    <form
      className="grid max-w-xl gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate({ body: { code: code.trim() } });
      }}
    >
      <AuthenticatorKey totpUri={totpUri} />
      <div className="grid gap-1 text-[13px]">
        <p>Save these backup codes. Each works once. They are shown only once.</p>
        <CodeBlock code={backupCodes.join("\n")} label="the backup codes" />
      </div>
      <TextField
        label="6-digit code from your authenticator"
        value={code}
        onChange={(event) => setCode(event.target.value)}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
      />
      {confirm.error !== null && <Failure error={confirm.error} />}
      <div>
        <Button type="submit" look="primary" isBusy={confirm.isPending}>
          Turn it on
        </Button>
      </div>
    </form>
  );
}

function AuthenticatorKey({ totpUri }: { readonly totpUri: string }) {
  return (
    <div className="flex flex-wrap gap-4 text-[13px]">
      <div className="size-44 shrink-0 overflow-hidden rounded-md border border-line bg-raised">
        <Suspense>
          <QrCode text={totpUri} label="QR code with the key for your authenticator" />
        </Suspense>
      </div>
      <div className="grid min-w-60 flex-1 content-start gap-2">
        <p>Scan the QR code with your authenticator, or enter the key.</p>
        <CodeBlock
          code={new URL(totpUri).searchParams.get("secret") ?? totpUri}
          label="the authenticator key"
        />
        <p className="text-soft">
          Authenticator on this device?{" "}
          <a href={totpUri} className="text-link underline">
            Open the key in it
          </a>
        </p>
      </div>
    </div>
  );
}

function PasswordStep({
  action,
  isBusy,
  error,
  onSubmit,
  children,
}: {
  readonly action: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSubmit: (form: FormData) => void;
  /** Further fields. */
  readonly children?: ReactNode;
}) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="grid max-w-sm gap-3">
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
      {children}
      {error !== null && <Failure error={error} />}
      <div>
        <Button type="submit" isBusy={isBusy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
