/**
 * Pages whose code is loaded when it is needed, and shown as soon as it is there. React's Suspense would hold a page back for up
 * to 300 ms once it has shown that the page loads.
 */
import { type ComponentType, useEffect, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/states.tsx";

type Load<Props> = () => Promise<{ readonly default: ComponentType<Props> }>;

export class PageCode<Props> {
  readonly #load: Load<Props>;
  #page: ComponentType<Props> | null = null;

  constructor(load: Load<Props>) {
    this.#load = load;
  }

  /** Null until the code is loaded. */
  get page(): ComponentType<Props> | null {
    return this.#page;
  }

  /** Resolves with false if the code cannot be loaded. */
  async load(): Promise<boolean> {
    try {
      this.#page ??= (await this.#load()).default;
      return true;
    } catch {
      return false;
    }
  }
}

/** Needs a key that is different for each code. */
export function PageOf<Props extends object>({
  code,
  props,
}: {
  readonly code: PageCode<Props>;
  readonly props: Props;
}) {
  /** Null while the code is loaded. */
  const [isLoaded, setIsLoaded] = useState(code.page === null ? null : true);
  useEffect(() => {
    if (isLoaded === null) void code.load().then(setIsLoaded);
  }, [isLoaded, code]);
  const Page = code.page;
  if (Page !== null) return <Page {...props} />;
  return isLoaded === false ? <NotLoaded /> : <Loading />;
}

/** A new version of the server does not have the files of the old one. */
function NotLoaded() {
  return (
    <Empty title="The page could not be loaded">
      <p className="mb-3">The server is unreachable, or it was updated since the dashboard was opened.</p>
      <Button onClick={() => location.reload()}>Reload</Button>
    </Empty>
  );
}
