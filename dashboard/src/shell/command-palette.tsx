/** Ctrl K: every page of this app, every app, every page of the server, by a few letters. */
import * as Ariakit from "@ariakit/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useMe } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import { Icon } from "../ui/icon.tsx";
import { appPlaces, type Place, serverPlaces } from "./places.ts";

interface PaletteProps {
  readonly appId: string | null;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function CommandPalette({ appId, isOpen, onClose }: PaletteProps) {
  return (
    <Ariakit.Dialog
      open={isOpen}
      onClose={onClose}
      unmountOnHide
      aria-label="Go to"
      backdrop={<div className="bg-black/40" />}
      className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-lg overflow-hidden rounded-xl border border-line bg-panel shadow-2xl"
    >
      <Choices appId={appId} onClose={onClose} />
    </Ariakit.Dialog>
  );
}

function Choices({ appId, onClose }: Omit<PaletteProps, "isOpen">) {
  const [typed, setTyped] = useState("");
  const [, navigate] = useLocation();
  const places = usePlaces(appId).filter(({ name }) =>
    name.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  return (
    <Ariakit.ComboboxProvider setValue={setTyped} focusLoop open>
      <Ariakit.Combobox
        autoFocus
        autoSelect="always"
        placeholder="Go to a page or an app"
        aria-label="Go to a page or an app"
        className="h-12 w-full border-b border-line bg-transparent px-4 outline-none placeholder:text-faint"
      />
      <Ariakit.ComboboxList className="max-h-80 overflow-y-auto p-1.5">
        {places.map(({ path, name, icon }) => (
          <Ariakit.ComboboxItem
            key={path}
            value={name}
            hideOnClick={false}
            setValueOnClick={false}
            onClick={() => {
              navigate(path);
              onClose();
            }}
            className="flex h-9 cursor-pointer items-center gap-3 rounded-md px-3 text-[13px] data-active-item:bg-raised"
          >
            <Icon name={icon} className="text-faint" />
            {name}
          </Ariakit.ComboboxItem>
        ))}
        {places.length === 0 && <p className="px-3 py-6 text-center text-soft">Nothing has that name</p>}
      </Ariakit.ComboboxList>
    </Ariakit.ComboboxProvider>
  );
}

function usePlaces(appId: string | null): Place[] {
  const { permissions } = useMe();
  const { data } = useGet("GET /apps", { query: { limit: 500 } });
  const apps = (data?.apps ?? []).map<Place>(({ id, name }) => ({
    path: `/apps/${id}/overview`,
    name,
    icon: "apps",
    permission: null,
  }));
  return [...(appId === null ? [] : appPlaces(appId)), ...apps, ...serverPlaces].filter(
    ({ permission }) => permission === null || permissions.includes(permission),
  );
}
