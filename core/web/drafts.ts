import { useCallback, useEffect, useRef, useState } from 'react';
import { useHoldReload } from './hold-reload.ts';
import { useMaybeSession } from './session.tsx';

const prefix = 'liaison.draft.';
/** Beyond these the oldest drafts go, and what is longer is kept in the page only. */
const maxDrafts = 200;
const maxLength = 20_000;

interface Kept {
  text: string;
  at: number;
}

const nameOf = (personId: string, key: string): string => `${prefix}${personId}.${key}`;

function read(name: string): string {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? 'null') as Kept | null;
    return typeof kept?.text === 'string' ? kept.text : '';
  } catch {
    return '';
  }
}

function names(start: string): string[] {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(start));
  } catch {
    // A browser that forbids storage: drafts live as long as the page.
    return [];
  }
}

function write(name: string, text: string): void {
  try {
    if (text === '') {
      localStorage.removeItem(name);
      return;
    }
    if (text.length > maxLength) return;
    const kept: Kept = { text, at: Date.now() };
    localStorage.setItem(name, JSON.stringify(kept));
    prune();
  } catch {
    // Full or forbidden: the page still has it.
  }
}

function prune(): void {
  const all = names(prefix);
  if (all.length <= maxDrafts) return;
  const ageOf = (name: string): number => {
    try {
      return (JSON.parse(localStorage.getItem(name) ?? 'null') as Kept | null)?.at ?? 0;
    } catch {
      return 0;
    }
  };
  const byAge = all.map((name) => ({ name, at: ageOf(name) })).sort((a, b) => a.at - b.at);
  for (const { name } of byAge.slice(0, all.length - maxDrafts)) localStorage.removeItem(name);
}

/** Forgets a person's drafts on this device: at sign-out, because others may use it next. */
export function clearDrafts(personId: string): void {
  for (const name of names(`${prefix}${personId}.`)) localStorage.removeItem(name);
}

/** Keys of a person's drafts that begin so: for lists that mark what has unsent words. */
export const draftKeys = (personId: string, start = ''): string[] =>
  names(nameOf(personId, start)).map((name) => name.slice(`${prefix}${personId}.`.length));

export interface Draft {
  readonly text: string;
  set(text: string): void;
  /** After it was sent. */
  clear(): void;
}

/**
 * Unsent words that survive a reload, a crash and a lost connection, on this device and for this person. Written 300 ms
 * after the last key, and when the page hides. At most 200 drafts of 20,000 characters are kept.
 *
 * @param key what they are for: `chat:<conversation>`.
 */
export function useDraft(key: string): Draft {
  const personId = useMaybeSession()?.personId ?? 'nobody';
  const name = nameOf(personId, key);
  const [state, setState] = useState(() => ({ name, text: read(name) }));
  const unwritten = useRef<{ name: string; text: string } | null>(null);
  // Another key is another draft: its words must be there in the same frame, not after an effect.
  const current = state.name === name ? state : { name, text: read(name) };
  if (current !== state) setState(current);

  const flush = useCallback(() => {
    const waiting = unwritten.current;
    unwritten.current = null;
    if (waiting) write(waiting.name, waiting.text);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of name writes what belonged to the last one
  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [name, flush]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the words starts the wait anew
  useEffect(() => {
    const timer = setTimeout(flush, 300);
    return () => clearTimeout(timer);
  }, [current.text, flush]);
  useHoldReload(current.text.trim() !== '');

  const set = useCallback(
    (text: string) => {
      unwritten.current = { name, text };
      setState({ name, text });
    },
    [name],
  );
  const clear = useCallback(() => {
    unwritten.current = null;
    write(name, '');
    setState({ name, text: '' });
  }, [name]);
  return { text: current.text, set, clear };
}
