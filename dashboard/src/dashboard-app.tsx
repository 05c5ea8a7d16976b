/** Shows the login, or the shell with the current page. */
import type { AdminError } from "@soketify/admin";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { admin } from "./api/client.ts";
import { ClientEndpointProvider, clientEndpoint } from "./api/client-endpoint.ts";
import { MeProvider } from "./api/session.ts";
import { sessionKey, untilAnswered, useGet } from "./api/use-api.ts";
import { AppsPage } from "./apps/apps.tsx";
import { JoinPage } from "./people/join.tsx";
import { LoginPage } from "./people/login.tsx";
import { PageCode, PageOf } from "./shell/page-code.tsx";
import { Shell } from "./shell/shell.tsx";
import { Empty, Failure, Loading } from "./ui/states.tsx";

export function DashboardApp() {
  return (
    <Switch>
      <Route path="/setup" component={JoinPage} />
      <Route path="/invitation" component={JoinPage} />
      <Route>
        <LoggedInOnly />
      </Route>
    </Switch>
  );
}

function LoggedInOnly() {
  usePreloadedPage();
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: () => admin.call("GET /session"),
    ...untilAnswered,
  });
  if (session.data === undefined) return <Awaited failure={session.failureReason} />;
  return session.data.person === null ? <LoginPage session={session.data} /> : <LoggedIn />;
}

/** Loads the code of the page while the session is requested, not after it. */
function usePreloadedPage(): void {
  const [location] = useLocation();
  useEffect(() => {
    const [first = "", , page = ""] = location.split("/").slice(1);
    void (first === "apps" ? appPages[page] : serverPages[first])?.load();
  }, [location]);
}

function LoggedIn() {
  // The database may fail between the answers.
  const me = useGet("GET /me", {}, { isRepeated: true });
  const server = useGet("GET /server", {}, { isRepeated: true });
  if (me.data === undefined || server.data === undefined)
    return <Awaited failure={me.failureReason ?? server.failureReason} />;
  return (
    <MeProvider value={me.data}>
      <ClientEndpointProvider value={clientEndpoint(server.data.clients, location.href)}>
        <Shell>
          <Pages />
        </Shell>
      </ClientEndpointProvider>
    </MeProvider>
  );
}

/** Without an answer, the page shows the latest failure, also while it asks again. */
function Awaited({ failure }: { readonly failure: Error | AdminError | null }) {
  if (failure === null) return <Loading />;
  return (
    <main className="mx-auto grid min-h-screen max-w-md content-center p-4">
      <Failure error={failure} onRetry={() => location.reload()} />
    </main>
  );
}

interface AppPageProps {
  readonly appId: string;
}

const appPages: { readonly [Path in string]: PageCode<AppPageProps> } = {
  overview: new PageCode(() => import("./overview/overview.tsx")),
  console: new PageCode(() => import("./console/console.tsx")),
  events: new PageCode(() => import("./playground/event-creator.tsx")),
  playground: new PageCode(() => import("./playground/playground.tsx")),
  traffic: new PageCode(() => import("./traffic/traffic.tsx")),
  channels: new PageCode(() => import("./channels/channels.tsx")),
  history: new PageCode(() => import("./channels/history.tsx")),
  connections: new PageCode(() => import("./connections/connections.tsx")),
  user: new PageCode(() => import("./users/user.tsx")),
  webhooks: new PageCode(() => import("./webhooks/webhooks.tsx")),
  settings: new PageCode(() => import("./settings/settings.tsx")),
};

const serverPages: { readonly [Path in string]: PageCode<object> } = {
  team: new PageCode(() => import("./people/team.tsx")),
  tokens: new PageCode(() => import("./server/tokens.tsx")),
  audit: new PageCode(() => import("./server/audit.tsx")),
  nodes: new PageCode(() => import("./server/nodes.tsx")),
  account: new PageCode(() => import("./people/account.tsx")),
};

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/apps" replace />
      </Route>
      <Route path="/apps" component={AppsPage} />
      <Route path="/apps/:appId">{({ appId }) => <Redirect to={`/apps/${appId}/overview`} replace />}</Route>
      <Route path="/apps/:appId/:page">
        {({ appId, page }) => {
          const code = appPages[page];
          if (code === undefined) return <NoPage />;
          // The key resets all state, so that no data of one app appears under another's name.
          return <PageOf key={`${appId} ${page}`} code={code} props={{ appId }} />;
        }}
      </Route>
      <Route path="/:page">
        {({ page }) => {
          const code = serverPages[page];
          return code === undefined ? <NoPage /> : <PageOf key={page} code={code} props={{}} />;
        }}
      </Route>
      <Route component={NoPage} />
    </Switch>
  );
}

function NoPage() {
  return <Empty title="Page not found">The menu lists all pages.</Empty>;
}
