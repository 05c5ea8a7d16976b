/** The pages of the dashboard, for the menu and the command palette. */
import type { Permission } from "@soketify/admin";
import type { IconName } from "../ui/icon.tsx";

export interface DashboardPage {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly permission: Permission | null;
}

export function appPages(appId: string): DashboardPage[] {
  const at = (path: string) => `/apps/${appId}/${path}`;
  return [
    { path: at("overview"), name: "Overview", icon: "overview", permission: "app.read" },
    { path: at("console"), name: "Live console", icon: "console", permission: "app.read" },
    { path: at("traffic"), name: "Traffic", icon: "traffic", permission: "app.read" },
    { path: at("channels"), name: "Channels", icon: "channels", permission: "app.read" },
    { path: at("history"), name: "Channel history", icon: "history", permission: "app.read" },
    { path: at("connections"), name: "Connections", icon: "connections", permission: "app.read" },
    { path: at("events"), name: "Event creator", icon: "send", permission: "app.operate" },
    { path: at("playground"), name: "Playground", icon: "play", permission: "app.operate" },
    { path: at("webhooks"), name: "Webhooks", icon: "webhooks", permission: "app.read" },
    { path: at("settings"), name: "Settings", icon: "settings", permission: "app.read" },
  ];
}

export const serverPages: readonly DashboardPage[] = [
  { path: "/apps", name: "Apps", icon: "apps", permission: null },
  { path: "/nodes", name: "Nodes", icon: "health", permission: "server.read" },
  { path: "/team", name: "Team", icon: "team", permission: "people.manage" },
  { path: "/tokens", name: "API tokens", icon: "tokens", permission: "token.manage" },
  { path: "/audit", name: "Audit log", icon: "audit", permission: "audit.read" },
  { path: "/account", name: "Account", icon: "account", permission: null },
];
