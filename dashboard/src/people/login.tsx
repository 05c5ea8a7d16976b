import type { SessionAnswer } from "@soketify/admin";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { sessionKey, useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure } from "../ui/states.tsx";
import { oidcRefusal } from "./oidc-refusal.ts";

export function LoginPage({ session }: { readonly session: SessionAnswer }) {
  const [ended, setEnded] = useState<Error | null>(null);
  if (session.needsSetup) return <NeedsSetup />;
  if (session.needsSecondFactor && ended === null)
    return (
      <CardPage title="Second factor">
        <SecondFactorForm onEnded={setEnded} />
      </CardPage>
    );
  return (
    <CardPage title="Log in">
      <PasswordForm ended={ended} onBegin={() => setEnded(null)} />
      {session.oidcName !== null && <OidcLogin name={session.oidcName} />}
    </CardPage>
  );
}

/** A page for people who are not logged in: one centered card. */
export function CardPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
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
    <CardPage title="Set up the first account">
      <p className="text-soft">
        No account exists yet. To create the owner's account, open the setup link. Run{" "}
        <code>soketify people setup-link</code> on the server's machine to get one.
      </p>
    </CardPage>
  );
}

interface PasswordFormProps {
  /** Why the login ended before the second factor was given. */
  readonly ended: Error | null;
  readonly onBegin: () => void;
}

function PasswordForm({ ended, onBegin }: PasswordFormProps) {
  const queries = useQueryClient();
  const login = useChange("POST /session");
  const error = login.error ?? ended;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    login.mutate(
      { body: { email: String(form.get("email")), password: String(form.get("password")) } },
      {
        onSuccess: async ({ needsSecondFactor }) => {
          if (!needsSecondFactor) return queries.resetQueries();
          await queries.refetchQueries({ queryKey: sessionKey });
          onBegin();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      {error !== null && <Failure error={error} />}
      <Button type="submit" look="primary" isBusy={login.isPending}>
        Log in
      </Button>
      <Lost what="password" command="reset-password" />
    </form>
  );
}

function Lost({ what, command }: { readonly what: string; readonly command: string }) {
  return (
    <p className="text-xs text-soft">
      Lost your {what}? Ask the server's operator to run <code>soketify people {command}</code>
    </p>
  );
}

/** @param onEnded called when the login has expired and must start again */
function SecondFactorForm({ onEnded }: { readonly onEnded: (why: Error) => void }) {
  const queries = useQueryClient();
  const [kind, setKind] = useState<"totp" | "backupCode">("totp");
  const verify = useChange("POST /session/second-factor");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).trim();
    verify.mutate(
      { body: { kind, code } },
      {
        onSuccess: () => queries.resetQueries(),
        onError: (error) => {
          if (error.code === "login_failed") onEnded(error);
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField
        label={kind === "totp" ? "6-digit code from your authenticator" : "Backup code"}
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

function OidcLogin({ name }: { readonly name: string }) {
  const begin = useChange("POST /session/oidc");
  const refusal = oidcRefusal(new URLSearchParams(location.search).get("error"), name);
  return (
    <div className="grid gap-3 border-t border-line pt-4">
      <Button
        isBusy={begin.isPending}
        onClick={() => begin.mutate({}, { onSuccess: ({ url }) => location.assign(url) })}
      >
        Log in with {name}
      </Button>
      {begin.error !== null && <Failure error={begin.error} />}
      {begin.error === null && refusal !== null && <Failure error={refusal} />}
    </div>
  );
}
