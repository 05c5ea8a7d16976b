import { useLocation, useSearch } from "wouter";
import { changedSearch } from "./use-url-text.ts";

const byThisPage = "opened";

/**
 * The item that the page has open, stored in the URL, such as `?socket=12.34`. Links can open it, and the browser's Back button closes it.
 * @param name the URL parameter
 */
export function useOpened(name: string) {
  const [location, navigate] = useLocation();
  const opened = new URLSearchParams(useSearch()).get(name);
  return {
    opened,
    open: (what: string) =>
      navigate(`${location}${changedSearch({ [name]: what })}`, {
        replace: opened !== null,
        state: opened === null ? byThisPage : history.state,
      }),
    close: () => {
      // Go back if this page opened it; a visitor who followed a link has no earlier entry.
      if (history.state === byThisPage) history.back();
      else navigate(`${location}${changedSearch({ [name]: null })}`, { replace: true });
    },
  };
}
