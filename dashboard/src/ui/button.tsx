import type { ComponentProps } from "react";

const looks = {
  primary: "bg-accent text-accent-ink hover:brightness-110 border-transparent",
  plain: "bg-panel text-ink border-line hover:bg-raised",
  quiet: "bg-transparent text-soft border-transparent hover:bg-raised hover:text-ink",
  danger: "bg-bad-wash text-bad border-transparent hover:brightness-95",
};

interface ButtonProps extends ComponentProps<"button"> {
  readonly look?: keyof typeof looks;
  /** A request is in progress: the button keeps its width and ignores clicks. */
  readonly isBusy?: boolean;
  /** For icons, and for rows of a menu. */
  readonly isTight?: boolean;
}

export function Button({
  look = "plain",
  isBusy = false,
  isTight = false,
  className = "",
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={isBusy}
      {...rest}
      // Not `disabled`: a disabled button loses the focus.
      {...(isBusy && { "aria-disabled": true, onClick: (event) => event.preventDefault() })}
      className={`${buttonClass(look, isTight)} ${className}`}
    />
  );
}

/** For links that look like buttons. */
export function buttonClass(look: keyof typeof looks = "plain", isTight = false): string {
  return `inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border ${isTight ? "px-2" : "px-3"} text-[13px] font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 ${looks[look]}`;
}
