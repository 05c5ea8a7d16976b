import { useEffect, useId } from "react";

/** The forms of the page with changes that are not saved. */
const unsaved = new Set<string>();
const question = "Leave the page? Your changes are not saved.";

/** Asks before the page is left, or the browser closed, while a form has changes that are not saved. */
export function useUnsavedGuard(isChanged: boolean): void {
  const id = useId();
  useEffect(() => {
    if (!isChanged) return;
    unsaved.add(id);
    addEventListener("beforeunload", askBrowser);
    return () => {
      unsaved.delete(id);
      if (unsaved.size === 0) removeEventListener("beforeunload", askBrowser);
    };
  }, [isChanged, id]);
}

/** For wouter's Router, which calls it around each navigation. The same page may change its parameters. */
export function guardNavigation(
  navigate: (to: string, options?: object) => void,
  to: string,
  options?: object,
): void {
  const { pathname } = new URL(to, location.href);
  if (pathname === location.pathname || mayLeave()) navigate(to, options);
}

/** Asks also before Back and Forward leave the page. Call it once, before the Router exists: its listener must run first. */
export function guardHistory(): void {
  let shown = { href: location.href, state: history.state as unknown };
  const keep = () => {
    shown = { href: location.href, state: history.state };
  };
  // Wouter's events: it reports each call of these methods.
  for (const type of ["pushState", "replaceState"]) addEventListener(type, keep);
  // A canceled move keeps the entries of the history. Only some browsers can cancel it, and only after the person did something.
  window.navigation?.addEventListener("navigate", (event) => {
    const isElsewhere = new URL(event.destination.url).pathname !== location.pathname;
    if (event.navigationType === "traverse" && event.cancelable && isElsewhere && !mayLeave())
      event.preventDefault();
  });
  addEventListener("popstate", (event) => {
    if (location.pathname === new URL(shown.href).pathname || mayLeave()) return keep();
    event.stopImmediatePropagation();
    history.pushState(shown.state, "", shown.href);
  });
}

/** Asks for a confirmation if there are unsaved changes. */
function mayLeave(): boolean {
  if (unsaved.size === 0) return true;
  const isSure = confirm(question);
  if (isSure) unsaved.clear();
  return isSure;
}

function askBrowser(event: BeforeUnloadEvent): void {
  if (unsaved.size > 0) event.preventDefault();
}
