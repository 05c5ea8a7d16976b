/** The target of setup and invitation links. The token is in the fragment, so it never appears in a server log. */
import type { AdminError, OpenInvitation } from "@soketify/admin";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { admin } from "../api/client.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Failure, Loaded } from "../ui/states.tsx";
import { CardPage } from "./login.tsx";
import { NewPasswordField } from "./new-password-field.tsx";

export function JoinPage() {
  const [token] = useState(() => location.hash.slice(1));
  const invitation = useQuery<OpenInvitation, AdminError>({
    queryKey: ["invitation", token],
    queryFn: () => admin.call("POST /invitations/open", { body: { token } }),
    retry: false,
  });
  return (
    <CardPage title={invitation.data === undefined ? "Welcome to Soketify" : titleOf(invitation.data)}>
      <Loaded of={invitation}>{(opened) => <JoinForm token={token} invitation={opened} />}</Loaded>
      {invitation.isError && (
        <p className="text-[13px] text-soft">
          If you have an account,{" "}
          <Link href="/apps" className="text-link underline">
            log in
          </Link>
          . If the server has no owner yet, run <code>soketify people setup-link</code> on its machine to get
          a new setup link.
        </p>
      )}
    </CardPage>
  );
}

function titleOf({ isSetup }: OpenInvitation): string {
  return isSetup ? "Set up Soketify" : "Join the team";
}

function JoinForm({ token, invitation }: { readonly token: string; readonly invitation: OpenInvitation }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const accept = useChange("POST /invitations/accept", "none");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const person = { token, name: String(form.get("name")), password: String(form.get("password")) };
    accept.mutate(
      { body: invitation.email === null ? { ...person, email: String(form.get("email")) } : person },
      {
        onSuccess: () => {
          queries.removeQueries({ type: "inactive" });
          navigate("/apps", { replace: true });
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <p className="text-soft">
        {invitation.isSetup
          ? "Create the owner's account. This link works once."
          : `Your role will be ${invitation.role}.`}
      </p>
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        {...(invitation.email === null ? {} : { defaultValue: invitation.email, readOnly: true })}
      />
      <TextField label="Your name" name="name" autoComplete="name" required maxLength={100} />
      <NewPasswordField label="Password" name="password" />
      {accept.error !== null && <Failure error={accept.error} />}
      <Button type="submit" look="primary" isBusy={accept.isPending}>
        Create the account
      </Button>
    </form>
  );
}
