import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { SessionAnswer } from "../../../server/src/admin-api/people-contract.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";
import { signOnRefusal } from "./sign-on-refusal.ts";

export function SignInPage({ session }: { readonly session: SessionAnswer }) {
  const [needsSecondFactor, setNeedsSecondFactor] = useState(false);
  if (session.needsSetup) return <NeedsSetup />;
  return (
    <Door title={needsSecondFactor ? "Second factor" : "Sign in"}>
      {needsSecondFactor ? (
        <SecondFactorForm />
      ) : (
        <PasswordForm onSecondFactor={() => setNeedsSecondFactor(true)} />
      )}
      {session.oidcName !== null && !needsSecondFactor && <SignOn name={session.oidcName} />}
    </Door>
  );
}

/** The card in the middle of an otherwise empty page. */
export function Door({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="mx-auto grid min-h-screen w-full max-w-sm content-center gap-5 p-4">
      <div className="flex items-center gap-2.5">
        <img src="./icon.svg" alt="" className="size-7" />
        <span className="text-lg font-semibold">Soketify</span>
      </div>
      <section className="grid gap-4 rounded-xl border border-line bg-panel p-6">
        <h1>{title}</h1>
        {children}
      </section>
    </main>
  );
}

function NeedsSetup() {
  return (
    <Door title="Almost there">
      <p className="text-soft">
        Nobody has an account yet. The server printed a setup link when it started: open that link to make the
        owner's account. A restart prints a new one.
      </p>
    </Door>
  );
}

function PasswordForm({ onSecondFactor }: { readonly onSecondFactor: () => void }) {
  const queries = useQueryClient();
  const signIn = useChange("POST /session");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate(
      { body: { email: String(form.get("email")), password: String(form.get("password")) } },
      {
        onSuccess: ({ needsSecondFactor }) =>
          needsSecondFactor ? onSecondFactor() : void queries.resetQueries(),
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      {signIn.error !== null && <Failure error={signIn.error} />}
      <Button type="submit" look="primary" isBusy={signIn.isPending}>
        Sign in
      </Button>
      <Lost what="password" command="reset-password" />
    </form>
  );
}

function Lost({ what, command }: { readonly what: string; readonly command: string }) {
  return (
    <p className="text-xs text-soft">
      Lost your {what}? Whoever runs the server helps with <code>soketify people {command}</code>
    </p>
  );
}

function SecondFactorForm() {
  const queries = useQueryClient();
  const [kind, setKind] = useState<"totp" | "backupCode">("totp");
  const verify = useChange("POST /session/second-factor");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).trim();
    verify.mutate({ body: { kind, code } }, { onSuccess: () => queries.resetQueries() });
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField
        label={kind === "totp" ? "Six digits of your authenticator" : "Backup code"}
        ref={input}
        name="code"
        autoComplete="one-time-code"
        required
      />
      {verify.error !== null && <Failure error={verify.error} />}
      <Button type="submit" look="primary" isBusy={verify.isPending}>
        Continue
      </Button>
      <Button look="quiet" onClick={() => setKind(kind === "totp" ? "backupCode" : "totp")}>
        {kind === "totp" ? "Use a backup code" : "Use the authenticator"}
      </Button>
      <Lost what="authenticator and codes" command="reset-second-factor" />
    </form>
  );
}

function SignOn({ name }: { readonly name: string }) {
  const begin = useChange("POST /session/oidc");
  const refusal = signOnRefusal(new URLSearchParams(location.search).get("error"), name);
  return (
    <div className="grid gap-3 border-t border-line pt-4">
      <Button
        isBusy={begin.isPending}
        onClick={() => begin.mutate({}, { onSuccess: ({ url }) => location.assign(url) })}
      >
        Sign in with {name}
      </Button>
      {begin.error !== null && <Failure error={begin.error} />}
      {begin.error === null && refusal !== null && <Failure error={refusal} />}
    </div>
  );
}
