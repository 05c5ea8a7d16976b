/** Names the part of the documentation that explains an error. The dashboard serves no documentation, so it is no link. */
export function HelpPage({ path }: { readonly path: string | null }) {
  if (path === null) return null;
  return (
    <span className="text-xs text-faint">
      See <span className="font-mono wrap-anywhere">{path}</span>
    </span>
  );
}
