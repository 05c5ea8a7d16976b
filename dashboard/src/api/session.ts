/** The logged-in person and their permissions. */
import type { Me, Permission } from "@soketify/admin";
import { createContext, useContext } from "react";

const MeContext = createContext<Me | null>(null);
export const MeProvider = MeContext.Provider;

export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("useMe works below MeProvider only");
  return me;
}

/** The page hides actions that the person may not take. The API enforces permissions independently of the page. */
export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}
