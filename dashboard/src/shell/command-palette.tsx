/** The command palette (Ctrl K): finds pages, apps, users and actions by name. */
import * as Ariakit from "@ariakit/react";
import { useRef, useState } from "react";
import { Icon } from "../ui/icon.tsx";
import { type Choice, useChoices } from "./choices.ts";

interface PaletteProps {
  readonly appId: string | null;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function CommandPalette({ appId, isOpen, onClose }: PaletteProps) {
  const isChosen = useRef(false);
  return (
    <Ariakit.Dialog
      open={isOpen}
      onClose={onClose}
      unmountOnHide
      aria-label="Go to"
      autoFocusOnHide={() => {
        // The element that had the focus may have been removed with its page.
        if (isChosen.current) document.getElementById("main")?.focus();
        return !isChosen.current;
      }}
      backdrop={<div className="bg-black/40" />}
      className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-lg overflow-hidden rounded-xl border border-line bg-panel shadow-2xl"
    >
      <Choices
        appId={appId}
        onOpen={() => {
          isChosen.current = false;
        }}
        onChoose={(choice) => {
          isChosen.current = true;
          onClose();
          choice.run();
        }}
      />
    </Ariakit.Dialog>
  );
}

function Choices({
  appId,
  onOpen,
  onChoose,
}: {
  readonly appId: string | null;
  readonly onOpen: () => void;
  readonly onChoose: (choice: Choice) => void;
}) {
  const [typed, setTyped] = useState("");
  const { choices, isSearching } = useChoices(appId, typed.trim());
  return (
    <Ariakit.ComboboxProvider setValue={setTyped} focusLoop open>
      <Ariakit.Combobox
        autoFocus
        autoSelect="always"
        placeholder="Search pages, apps, channels, events, users and actions"
        aria-label="Search pages, apps, channels, events, users and actions"
        onFocus={onOpen}
        className="h-12 w-full border-b border-line bg-transparent px-4 outline-none placeholder:text-faint"
      />
      <Ariakit.ComboboxList className="h-80 overflow-y-auto p-1.5">
        {choices.map((choice) => (
          <Ariakit.ComboboxItem
            key={choice.key}
            value={choice.name}
            hideOnClick={false}
            setValueOnClick={false}
            onClick={() => onChoose(choice)}
            className="flex h-9 cursor-pointer items-center gap-3 rounded-md px-3 text-[13px] data-active-item:bg-raised"
          >
            <Icon name={choice.icon} className="text-faint" />
            <span className="min-w-0 flex-1 truncate">{choice.name}</span>
            <span className="text-xs text-faint">{choice.kind}</span>
          </Ariakit.ComboboxItem>
        ))}
        {choices.length === 0 && (
          <p className="px-3 py-6 text-center text-soft">{isSearching ? "Searching…" : "No results"}</p>
        )}
      </Ariakit.ComboboxList>
    </Ariakit.ComboboxProvider>
  );
}
