/** The choices of the command palette. */
import type { App, Permission } from "@soketify/admin";
import { useLocation } from "wouter";
import { useMe } from "../api/session.ts";
import { useGet, useLogOut } from "../api/use-api.ts";
import type { IconName } from "../ui/icon.tsx";
import { appPages, type DashboardPage, serverPages } from "./pages.ts";
import { setTheme } from "./theme.ts";

export interface Choice {
  readonly key: string;
  readonly name: string;
  readonly icon: IconName;
  readonly kind: "Page" | "App" | "Channel" | "Connection" | "Event" | "User" | "Action";
  readonly run: () => void;
}

interface Action extends Omit<Choice, "kind"> {
  readonly permission: Permission | null;
}

const appsMax = 20;
const channelsMax = 8;
const eventsMax = 8;

export function useChoices(appId: string | null, typed: string) {
  const { permissions } = useMe();
  const [, navigate] = useLocation();
  const { action, object } = parseAction(typed);
  const apps = useGet("GET /apps", { query: { search: object, limit: appsMax } });
  const inApp = useChoicesInApp(appId, typed);
  const found = useGet("GET /users", { query: { search: typed } }, { isEnabled: typed !== "" });
  const users = typed === "" ? [] : (found.data?.users ?? []);
  const actions = useActions(appId);
  const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  const isNamedSo = ({ id, key, name }: App) => [name, id, key].some((text) => contains(text, object));
  const known = (apps.data?.apps ?? []).filter(isNamedSo);
  const isOffered = ({ name, permission }: Pick<DashboardPage, "name" | "permission">) =>
    (permission === null || permissions.includes(permission)) && contains(name, typed);
  const pageOf = ({ path, name, icon }: DashboardPage): Choice => ({
    key: path,
    name,
    icon,
    kind: "Page",
    run: () => navigate(path),
  });
  const choices: Choice[] = [
    ...(appId === null ? [] : appPages(appId)).filter(isOffered).map(pageOf),
    // Shows the results of the previous search while the new ones load.
    ...(action === null || !permissions.includes("app.change") ? [] : known).map(
      (app): Choice => ({
        key: `${action} ${app.id}`,
        icon: "settings",
        kind: "Action",
        name: `${action === "disable" && !app.isEnabled ? "Enable" : actionWords[action ?? "rotate"]} ${app.name}`,
        run: () => navigate(`/apps/${app.id}/settings?ask=${action}`),
      }),
    ),
    ...(action === null ? known : []).map(
      ({ id, name }): Choice => ({
        key: `app ${id}`,
        name,
        icon: "apps",
        kind: "App",
        run: () => navigate(`/apps/${id}/overview`),
      }),
    ),
    ...users
      .filter(({ userId }) => userId.startsWith(typed))
      .map(
        (user): Choice => ({
          key: `user ${user.appId} ${user.userId}`,
          icon: "account",
          kind: "User",
          name: `${user.userId} in ${user.appName}`,
          run: () => navigate(`/apps/${user.appId}/user?${new URLSearchParams({ id: user.userId })}`),
        }),
      ),
    ...inApp,
    ...serverPages.filter(isOffered).map(pageOf),
    ...actions.filter(isOffered).map((action): Choice => ({ ...action, kind: "Action" })),
  ];
  return { choices, isSearching: apps.isFetching || found.isFetching };
}

const actionWords = { rotate: "Rotate the secret of", disable: "Disable" } as const;

/** `rotate shop` → the action and the rest of the text. Other texts have no action. */
function parseAction(typed: string): {
  readonly action: keyof typeof actionWords | null;
  readonly object: string;
} {
  const [, action, object = ""] = /^(rotate|disable)(?:\s+(.*))?$/i.exec(typed) ?? [];
  if (action === undefined) return { action: null, object: typed };
  return { action: action.toLowerCase() === "rotate" ? "rotate" : "disable", object };
}

/** The current app's channels and events that match the text, and the connection with this socket id. */
function useChoicesInApp(appId: string | null, typed: string): Choice[] {
  const [, navigate] = useLocation();
  const channels = useChannels(appId, typed);
  const events = useEvents(appId, typed);
  const sockets = appId !== null && /^\d+\.\d+$/.test(typed) ? [typed] : [];
  return [
    ...channels.map(
      (name): Choice => ({
        key: `channel ${name}`,
        name,
        icon: "channels",
        kind: "Channel",
        run: () => navigate(`/apps/${appId}/channels?${new URLSearchParams({ channel: name })}`),
      }),
    ),
    ...events.map(
      (name): Choice => ({
        key: `event ${name}`,
        name,
        icon: "send",
        kind: "Event",
        run: () => navigate(`/apps/${appId}/traffic?${new URLSearchParams({ event: name })}`),
      }),
    ),
    ...sockets.map(
      (socket): Choice => ({
        key: `socket ${socket}`,
        name: socket,
        icon: "connections",
        kind: "Connection",
        run: () => navigate(`/apps/${appId}/connections?${new URLSearchParams({ socket })}`),
      }),
    ),
  ];
}

/** The current app's occupied channels with this prefix. */
function useChannels(appId: string | null, typed: string): readonly string[] {
  const isAsked = appId !== null && typed !== "";
  const found = useGet(
    "GET /apps/{appId}/channels",
    { path: { appId: appId ?? "" }, query: { prefix: typed, limit: channelsMax } },
    { isEnabled: isAsked },
  );
  const names = isAsked ? (found.data?.channels ?? []).map(({ name }) => name) : [];
  return names.filter((name) => name.startsWith(typed));
}

/** The names of the current app's events: of the latest 100 events those that contain the text, and the event with exactly this name. */
function useEvents(appId: string | null, typed: string): readonly string[] {
  const isAsked = appId !== null && typed !== "";
  const path = { appId: appId ?? "" };
  const latest = useGet(
    "GET /apps/{appId}/published",
    { path, query: { limit: 100 } },
    { isEnabled: isAsked },
  );
  const exact = useGet(
    "GET /apps/{appId}/published",
    { path, query: { event: typed, limit: 1 } },
    { isEnabled: isAsked },
  );
  if (!isAsked) return [];
  const found = [...(exact.data?.published ?? []), ...(latest.data?.published ?? [])].map(
    ({ event }) => event,
  );
  return [...new Set(found)]
    .filter((name) => name.toLowerCase().includes(typed.toLowerCase()))
    .slice(0, eventsMax);
}

function useActions(appId: string | null): Action[] {
  const [, navigate] = useLocation();
  const { logOut } = useLogOut();
  const at = (path: string) => () => navigate(path);
  const ofApp: Action[] =
    appId === null
      ? []
      : [
          {
            key: "new webhook",
            name: "New webhook",
            icon: "plus",
            permission: "app.change",
            run: at(`/apps/${appId}/webhooks?new`),
          },
        ];
  return [
    ...ofApp,
    { key: "new app", name: "Create app", icon: "plus", permission: "server.change", run: at("/apps?new") },
    {
      key: "invite",
      name: "Invite a person",
      icon: "plus",
      permission: "people.manage",
      run: at("/team?new"),
    },
    { key: "new token", name: "New token", icon: "plus", permission: "token.manage", run: at("/tokens?new") },
    { key: "light", name: "Light theme", icon: "sun", permission: null, run: () => setTheme("light") },
    { key: "dark", name: "Dark theme", icon: "moon", permission: null, run: () => setTheme("dark") },
    { key: "system", name: "System theme", icon: "screen", permission: null, run: () => setTheme("system") },
    { key: "log out", name: "Log out", icon: "logOut", permission: null, run: logOut },
  ];
}
