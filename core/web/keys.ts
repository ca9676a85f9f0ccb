/**
 * Keys as the registry writes them: parts joined by `+` pressed together (`Ctrl+K`, `Ctrl+Shift+A`), parts apart by a
 * space one after another (`G C`). A single letter is written as a capital and pressed without Shift; signs as they are
 * printed (`?`, `/`). `Ctrl` is also Command on a Mac.
 */
export interface KeyBinding {
  readonly keys: string;
  /** What it does, translated: shown in the list of keys. */
  readonly label: string;
  /** The heading it stands under in the list, translated. */
  readonly group: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Works while a text field has the focus. Chords with Ctrl do unless told otherwise. */
  readonly inText?: boolean;
  /** Not in the list of keys. */
  readonly hidden?: boolean;
}

export interface KeyRegistry {
  /** Later ones win over earlier ones. Returns how to take them away. */
  add(bindings: readonly KeyBinding[]): () => void;
  /** What is registered now, in the order of registration; what a later one covers is left out. */
  list(): readonly KeyBinding[];
  onChange(listener: () => void): () => void;
  /** Whether single letters and sequences work; chords always do. */
  readonly lettersOn: boolean;
  setLettersOn(on: boolean): void;
  /** Give it every `keydown` of the window. */
  handle(event: KeyboardEvent): void;
}

const sequenceMs = 1_500;
const textInputs = new Set([
  'text',
  'search',
  'email',
  'url',
  'tel',
  'password',
  'number',
  'date',
  'time',
  'datetime-local',
  '',
]);

/** True where typed letters are words. */
export function isTextTarget(target: EventTarget | null): boolean {
  const element = target as (HTMLElement & { type?: string }) | null;
  if (!element || typeof element.tagName !== 'string') return false;
  if (element.isContentEditable) return true;
  if (element.tagName === 'TEXTAREA' || element.tagName === 'SELECT') return true;
  return element.tagName === 'INPUT' && textInputs.has(element.type ?? '');
}

/** What an event's keys are called here; null for a modifier alone. */
export function keyName(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string | null {
  const { key } = event;
  if (
    !key ||
    ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(key)
  )
    return null;
  const chord = event.ctrlKey || event.metaKey;
  let name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  // On layouts of other scripts a chord means the key at the place of the letter.
  if (chord && !/^[ -~]$/.test(name) && /^Key[A-Z]$/.test(event.code)) name = event.code.slice(3);
  const parts: string[] = [];
  if (chord) parts.push('Ctrl');
  if (event.altKey && !(event.ctrlKey && key.length === 1)) parts.push('Alt');
  // A sign such as `?` has its Shift in it already.
  if (event.shiftKey && (chord || key.length > 1 || /^[A-Z]$/.test(name))) parts.push('Shift');
  return [...parts, name].join('+');
}

/** One registry for the page. `lettersOn` starts as the person left it on this device. */
export function createKeyRegistry(options: { lettersOn?: boolean; now?: () => number } = {}): KeyRegistry {
  const now = options.now ?? Date.now;
  const bindings: KeyBinding[] = [];
  const listeners = new Set<() => void>();
  let lettersOn = options.lettersOn ?? true;
  let begun: { keys: string; at: number } | null = null;
  let listed: readonly KeyBinding[] | null = null;

  const changed = (): void => {
    listed = null;
    for (const listener of [...listeners]) listener();
  };
  const find = (keys: string): KeyBinding | undefined => bindings.findLast((each) => each.keys === keys);

  function handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (!name) return;
    const chord = name.startsWith('Ctrl+') || name.startsWith('Alt+');
    const inText = isTextTarget(event.target);
    if (!chord && !lettersOn) return;
    const waiting = begun && now() - begun.at < sequenceMs ? begun.keys : null;
    begun = null;
    const binding = (waiting ? find(`${waiting} ${name}`) : undefined) ?? find(name);
    if (binding) {
      if (inText && !(binding.inText ?? chord)) return;
      if (event.repeat && !binding.keys.startsWith('Arrow')) return;
      event.preventDefault();
      binding.run(event);
      return;
    }
    if (!inText && !chord && bindings.some((each) => each.keys.startsWith(`${name} `)))
      begun = { keys: name, at: now() };
  }

  return {
    add(added) {
      bindings.push(...added);
      changed();
      return () => {
        for (const each of added) {
          const index = bindings.lastIndexOf(each);
          if (index >= 0) bindings.splice(index, 1);
        }
        changed();
      };
    },
    list() {
      listed ??= bindings.filter((each) => !each.hidden && find(each.keys) === each);
      return listed;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get lettersOn() {
      return lettersOn;
    },
    setLettersOn(on) {
      lettersOn = on;
      changed();
    },
    handle,
  };
}
