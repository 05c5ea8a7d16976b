/** Without the import, because a page that loads the plugin with a script has `recover` as a property of `SoketifyRecovery`. */
export function start(recover, pusher, location) {
  // #region recover
  recover(pusher, { onMissed: () => location.reload() });
  // #endregion recover
}
