/** A small bar chart in a line of text. `label` contains its numbers for screen readers. */
export function Sparkline({
  values,
  label,
  tone = "accent",
  className = "h-5 w-24",
}: {
  readonly values: readonly number[];
  readonly label: string;
  readonly tone?: "accent" | "bad";
  /** CSS classes for its size. */
  readonly className?: string;
}) {
  const highest = Math.max(1, ...values);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${values.length * 4} 20`}
      preserveAspectRatio="none"
      className={`shrink-0 ${className}`}
    >
      <title>{label}</title>
      <path d={`M0 19.5H${values.length * 4}`} className="stroke-line" />
      <path
        d={values.map((value, index) => barOf(index, value / highest)).join("")}
        className={tone === "bad" ? "fill-bad" : "fill-accent"}
      />
    </svg>
  );
}

/** @param share of the height, from 0 to 1 */
function barOf(index: number, share: number): string {
  if (share === 0) return "";
  const height = Math.max(2, share * 20);
  return `M${index * 4} ${20 - height}h3v${height}h-3z`;
}
