import { useOpened } from "../ui/use-opened.ts";

/** Opens the timeline of a connection, on a page that contains a `ConnectionDialog`. */
export function SocketButton({ socketId }: { readonly socketId: string }) {
  const { open } = useOpened("socket");
  return (
    <button
      type="button"
      className="font-mono whitespace-nowrap text-link hover:underline"
      onClick={() => open(socketId)}
    >
      {socketId}
    </button>
  );
}
