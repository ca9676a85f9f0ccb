import { createContext, type ReactNode, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import { createKeyRegistry, type KeyBinding, type KeyRegistry } from './keys.ts';

const storageKey = 'liaison.letters';

const KeysContext = createContext<KeyRegistry | null>(null);

function storedLetters(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    return true;
  }
}

/** Listens to the window's keys for everything below. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const registry = useRef<KeyRegistry | null>(null);
  registry.current ??= createKeyRegistry({ lettersOn: storedLetters() });
  const { handle } = registry.current;
  useEffect(() => {
    window.addEventListener('keydown', handle);
    return () => window.removeEventListener('keydown', handle);
  }, [handle]);
  return <KeysContext value={registry.current}>{children}</KeysContext>;
}

function useRegistry(): KeyRegistry {
  const registry = useContext(KeysContext);
  if (!registry) throw new Error('useKeys needs a KeysProvider');
  return registry;
}

/** Registers keys while the component stands. What they do may change with every drawing; which keys, rarely. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const registry = useRegistry();
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  const which = bindings.map((each) => `${each.keys}\t${each.label}\t${each.group}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` stands for the bindings
  useEffect(
    () =>
      registry.add(
        latest.current.map((each, index) => ({ ...each, run: (event) => latest.current[index]?.run(event) })),
      ),
    [registry, which],
  );
}

/** All keys that work now: for the list behind `?`. */
export function useKeyList(): readonly KeyBinding[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.onChange, registry.list);
}

/** Whether single letters work, and how to switch them (kept on this device). */
export function useLetterKeys(): [on: boolean, set: (on: boolean) => void] {
  const registry = useRegistry();
  const on = useSyncExternalStore(registry.onChange, () => registry.lettersOn);
  return [
    on,
    (next) => {
      registry.setLettersOn(next);
      try {
        localStorage.setItem(storageKey, next ? 'on' : 'off');
      } catch {
        // Not kept, but it holds for this page.
      }
    },
  ];
}
