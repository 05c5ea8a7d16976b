import { CopyButton } from "./copy-button.tsx";

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="group relative rounded-md border border-line bg-page">
      <pre className="p-3 wrap-anywhere whitespace-pre-wrap pr-12 font-mono text-[12.5px] leading-relaxed">
        {code}
      </pre>
      <div className="absolute top-1 right-1">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
