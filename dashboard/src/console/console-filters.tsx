import type { ReactNode } from "react";
import { inputClass } from "../ui/field.tsx";
import { liveTypes } from "./live-row.ts";

export interface ConsoleFilter {
  readonly type: string;
  readonly channel: string;
  readonly userId: string;
  readonly socketId: string;
}

export function ConsoleFilters({
  filter,
  onFilter,
  search,
  onSearch,
  children,
}: {
  readonly filter: ConsoleFilter;
  readonly onFilter: (filter: ConsoleFilter) => void;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly children: ReactNode;
}) {
  const input = (key: "channel" | "userId" | "socketId", label: string, placeholder: string) => (
    <input
      aria-label={label}
      placeholder={placeholder}
      value={filter[key]}
      onChange={(event) => onFilter({ ...filter, [key]: event.target.value.trim() })}
      className={`${inputClass} h-8 sm:w-32`}
    />
  );
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center">
      <input
        type="search"
        aria-label="Search in the rows"
        placeholder="Search…"
        value={search}
        onChange={(event) => onSearch(event.target.value)}
        className={`${inputClass} col-span-2 h-8 sm:w-44`}
      />
      <select
        aria-label="Type"
        value={filter.type}
        onChange={(event) => onFilter({ ...filter, type: event.target.value })}
        className={`${inputClass} h-8 sm:w-36`}
      >
        <option value="">All types</option>
        {liveTypes.map(({ type, label }) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </select>
      {input("channel", "Channel, or a prefix with *", "Channel, chat-*")}
      {input("userId", "User ID", "User ID")}
      {input("socketId", "Socket ID", "Socket ID")}
      <div className="col-span-2 flex gap-2 sm:ml-auto">{children}</div>
    </div>
  );
}
