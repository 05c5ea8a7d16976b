import { useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";

/** Browsers limit how often a page may change the URL, such as at each typed letter. */
const writtenAfterMs = 250;

/**
 * A text of the page that is stored in the URL, such as a filter. A reload, a link and the Back button keep it. The
 * initial text is not in the URL.
 * @param name the URL parameter
 */
export function useUrlText(name: string, initial = ""): readonly [string, (text: string) => void] {
  const [location, navigate] = useLocation();
  const inUrl = new URLSearchParams(useSearch()).get(name) ?? initial;
  const [text, setText] = useState(inUrl);
  /** The URL's text when it was last read or written: another one was not typed here. */
  const [known, setKnown] = useState(inUrl);
  if (inUrl !== known) {
    setKnown(inUrl);
    setText(inUrl);
  }
  useEffect(() => {
    if (text === known) return;
    const timer = setTimeout(() => {
      setKnown(text);
      navigate(`${location}${changedSearch({ [name]: text === initial ? null : text })}`, {
        replace: true,
        state: history.state,
      });
    }, writtenAfterMs);
    return () => clearTimeout(timer);
  }, [text, known, location, navigate, name, initial]);
  return [text, setText];
}

/** The URL's parameters with some of them changed; null removes one. Empty, or it starts with `?`. */
export function changedSearch(changes: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  return search.size === 0 ? "" : `?${search}`;
}
