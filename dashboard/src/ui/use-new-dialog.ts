import { useLocation, useSearch } from "wouter";
import { changedSearch } from "./use-url-text.ts";

/** Whether the page's "New …" dialog is open. The state is `?new` in the URL, so that other pages can link to it. */
export function useNewDialog() {
  const [location, navigate] = useLocation();
  const isOpen = new URLSearchParams(useSearch()).has("new");
  return {
    isOpen,
    open: () => navigate(`${location}${changedSearch({ new: "" })}`, { replace: true }),
    close: () => navigate(`${location}${changedSearch({ new: null })}`, { replace: true }),
  };
}
