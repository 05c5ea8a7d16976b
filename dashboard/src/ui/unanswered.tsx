/** Lists the nodes that did not answer, so that incomplete data is marked. */
import type { NodeName } from "@soketify/admin";

export function Unanswered({ nodes }: { readonly nodes: readonly NodeName[] | undefined }) {
  if (nodes === undefined || nodes.length === 0) return null;
  const names = nodes.map(({ name }) => name).join(", ");
  return (
    <p role="status" className="rounded-md bg-warn-wash px-3 py-2 text-[13px] text-warn">
      {names} did not answer in time. {nodes.length === 1 ? "Its" : "Their"} data is missing here.
    </p>
  );
}
