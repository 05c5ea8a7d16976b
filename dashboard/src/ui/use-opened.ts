import { useLocation, useSearch } from "wouter";

const byThisPage = "opened";

/**
 * What the page has opened, such as `?socket=12.34`: a link leads to it, and the browser's way back closes it.
 * @param name in the address
 */
export function useOpened(name: string) {
  const [location, navigate] = useLocation();
  const opened = new URLSearchParams(useSearch()).get(name);
  return {
    opened,
    open: (what: string) =>
      navigate(`${location}?${new URLSearchParams({ [name]: what })}`, {
        replace: opened !== null,
        state: opened === null ? byThisPage : history.state,
      }),
    close: () => {
      // The page behind it is the one before, unless a link led here.
      if (history.state === byThisPage) history.back();
      else navigate(location, { replace: true });
    },
  };
}
