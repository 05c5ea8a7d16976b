import { useLocation, useSearch } from "wouter";

/** Whether the page's "New …" dialog is open: `?new` in the address says so, so that other pages can lead to it. */
export function useNewDialog() {
  const [location, navigate] = useLocation();
  const isOpen = new URLSearchParams(useSearch()).has("new");
  return {
    isOpen,
    open: () => navigate(`${location}?new`, { replace: true }),
    close: () => navigate(location, { replace: true }),
  };
}
