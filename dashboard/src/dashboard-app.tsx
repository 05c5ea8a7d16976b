/** Shows the login, or the shell with the current page. */
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { type ApiError, call, keepCsrfToken } from "./api/client.ts";
import { ClientEndpointProvider, clientEndpoint } from "./api/client-endpoint.ts";
import { MeProvider } from "./api/session.ts";
import { useGet } from "./api/use-api.ts";
import { AppsPage } from "./apps/apps.tsx";
import { JoinPage } from "./people/join.tsx";
import { LoginPage } from "./people/login.tsx";
import { Shell } from "./shell/shell.tsx";
import { Empty, Failure, Loading } from "./ui/states.tsx";

const awaySeenEveryMs = 3_000;

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
  const session = useQuery({
    queryKey: ["session"],
    queryFn: async () => {
      const answer = await call("GET /session", {});
      keepCsrfToken(answer.csrfToken);
      return answer;
    },
    // While the database is unreachable nobody can log in: poll until it is back.
    refetchInterval: ({ state }) => (state.error === null ? false : awaySeenEveryMs),
  });
  if (session.error !== null) return <Centred error={session.error} />;
  if (session.data === undefined) return <Loading />;
  return session.data.person === null ? <LoginPage session={session.data} /> : <LoggedIn />;
}

function LoggedIn() {
  const me = useGet("GET /me", {});
  const server = useGet("GET /server", {});
  const error = me.error ?? server.error;
  if (me.data === undefined || server.data === undefined)
    return error === null ? <Loading /> : <Centred error={error} />;
  return (
    <MeProvider value={me.data}>
      <ClientEndpointProvider value={clientEndpoint(server.data.clients, location.href)}>
        <Shell>
          <Suspense fallback={<Loading />}>
            <Pages />
          </Suspense>
        </Shell>
      </ClientEndpointProvider>
    </MeProvider>
  );
}

function Centred({ error }: { readonly error: Error | ApiError }) {
  return (
    <main className="mx-auto grid min-h-screen max-w-md content-center p-4">
      <Failure error={error} onRetry={() => location.reload()} />
    </main>
  );
}

interface AppPageProps {
  readonly appId: string;
}

const appPages: { readonly [Path in string]: ComponentType<AppPageProps> } = {
  overview: lazy(() => import("./overview/overview.tsx")),
  console: lazy(() => import("./console/console.tsx")),
  events: lazy(() => import("./playground/event-creator.tsx")),
  playground: lazy(() => import("./playground/playground.tsx")),
  traffic: lazy(() => import("./traffic/traffic.tsx")),
  channels: lazy(() => import("./channels/channels.tsx")),
  history: lazy(() => import("./channels/history.tsx")),
  connections: lazy(() => import("./connections/connections.tsx")),
  user: lazy(() => import("./users/user.tsx")),
  webhooks: lazy(() => import("./webhooks/webhooks.tsx")),
  settings: lazy(() => import("./settings/settings.tsx")),
};

const serverPages: { readonly [Path in string]: ComponentType } = {
  team: lazy(() => import("./people/team.tsx")),
  tokens: lazy(() => import("./server/tokens.tsx")),
  audit: lazy(() => import("./server/audit.tsx")),
  nodes: lazy(() => import("./server/nodes.tsx")),
  account: lazy(() => import("./people/account.tsx")),
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
          const AppPage = appPages[page];
          // The key resets all state, so that no data of one app appears under another's name.
          return AppPage === undefined ? <NoPage /> : <AppPage key={appId} appId={appId} />;
        }}
      </Route>
      <Route path="/:page">
        {({ page }) => {
          const ServerPage = serverPages[page];
          return ServerPage === undefined ? <NoPage /> : <ServerPage />;
        }}
      </Route>
      <Route component={NoPage} />
    </Switch>
  );
}

function NoPage() {
  return <Empty title="Page not found">The menu lists all pages.</Empty>;
}
