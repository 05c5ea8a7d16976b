/** The icons: 16 by 16 pixels, one stroke. */
const paths = {
  apps: "M2.500 2.500h4v4h-4zM9.500 2.500h4v4h-4zM2.500 9.500h4v4h-4zM9.500 9.500h4v4h-4z",
  overview: "M2.500 13.500V8.500M6.200 13.500V4.500M9.800 13.500V7M13.500 13.500V2.500",
  console: "M2.500 3.500h11v9h-11zM5 6.500 6.800 8 5 9.500M8.500 10h2.500",
  send: "M14 2 7.200 8.800M14 2 9.700 14l-2.500-5.200L2 6.300z",
  play: "M5 3.500v9l7-4.500z",
  channels: "M6 2.500 4.500 13.500M11.500 2.500 10 13.500M2.500 6h11.500M2 10h11.500",
  history: "M3 4.500A6 6 0 1 1 2 8M3 1.500v3h3M8 5v3.200l2.200 1.300",
  connections: "M2 8h3l2-5 2.500 10 2-5H14",
  webhooks: "M4 8a4 4 0 0 1 8 0M2.500 8h3v4.500h-3zM10.500 8h3v4.500h-3z",
  settings: "M2.500 4.500h6M11.500 4.500h2M10 3v3M2.500 11.500h2M7.500 11.500h6M6 10v3",
  team: "M6 7.500a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600zM1.800 13.500c0-2.400 1.800-4 4.200-4s4.200 1.600 4.200 4M10.500 3.200a2.200 2.200 0 0 1 0 4.200M12 9.800c1.400.6 2.200 1.900 2.200 3.700",
  tokens: "M6.500 9.500a3.500 3.500 0 1 1 2.500-1l5 5M11.500 11l1.500-1.500",
  audit: "M4 2.500h8v11H4zM6 5.500h4M6 8h4M6 10.500h2.500",
  health:
    "M8 13.500S2.500 10.300 2.500 6.300A2.900 2.900 0 0 1 8 5a2.900 2.900 0 0 1 5.500 1.300c0 4-5.500 7.200-5.500 7.200z",
  account:
    "M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8zM2.800 13.800c.4-2.500 2.500-4 5.200-4s4.800 1.500 5.200 4",
  search: "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM10.500 10.500l3.500 3.500",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  check: "M3 8.500 6.500 12 13 4.500",
  menu: "M2.500 4.500h11M2.500 8h11M2.500 11.500h11",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4.500 6.500 8 10l3.500-3.500",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M12.600 3.400l-1.100 1.100M4.500 11.500l-1.100 1.100",
  moon: "M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7z",
  screen: "M2.500 3h11v8h-11zM6 13.500h4",
  plus: "M8 3v10M3 8h10",
  warn: "M8 2.500 14.500 13.500h-13zM8 6.500v3.200M8 11.300v.4",
  logOut: "M6.500 2.500h-4v11h4M10 5l3.500 3L10 11M13.500 8H6",
};

export type IconName = keyof typeof paths;

export function Icon({ name, className = "" }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
