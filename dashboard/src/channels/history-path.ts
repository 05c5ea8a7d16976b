export function historyPath(appId: string, channel: string): string {
  return `/apps/${appId}/history?${new URLSearchParams({ channel })}`;
}
