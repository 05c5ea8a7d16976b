/**
 * A dialog; on a phone a sheet at the bottom. Ariakit's dialog traps focus and injects no `<style>`, so the strict CSP
 * holds.
 */
import * as Ariakit from "@ariakit/react";
import { type ReactNode, useRef } from "react";
import { Icon } from "./icon.tsx";

export function Dialog({
  title,
  isOpen,
  onClose,
  children,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const fields = useRef<HTMLDivElement>(null);
  return (
    <Ariakit.Dialog
      open={isOpen}
      onClose={onClose}
      unmountOnHide
      // The first field if there is one, not the button that closes the dialog.
      autoFocusOnShow={(element) => {
        const field = fields.current?.querySelector<HTMLElement>("input, textarea, select");
        if (field === null || field === undefined) return element !== null;
        field.focus();
        return false;
      }}
      backdrop={<div className="bg-black/40" />}
      className="fixed inset-x-0 bottom-0 z-50 max-h-[88dvh] overflow-y-auto rounded-t-xl border border-line bg-panel p-5 shadow-2xl sm:inset-x-3 sm:top-[8vh] sm:bottom-auto sm:mx-auto sm:max-h-[84vh] sm:max-w-lg sm:rounded-xl"
    >
      <div className="mb-4 flex items-center justify-between">
        <Ariakit.DialogHeading className="min-w-0 text-base font-semibold wrap-anywhere">
          {title}
        </Ariakit.DialogHeading>
        <Ariakit.DialogDismiss aria-label="Close" className="rounded p-1 text-soft hover:bg-raised">
          <Icon name="close" />
        </Ariakit.DialogDismiss>
      </div>
      <div ref={fields}>{children}</div>
    </Ariakit.Dialog>
  );
}
