import { FocusTrap, Portal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useReturnFocus } from './dialog.tsx';
import { Kbd } from './kbd.tsx';
import { useLabels } from './labels.tsx';
import classes from './palette.module.css';

export interface PaletteVerb {
  id: string;
  label: string;
  onSelect: () => void;
}

export interface PaletteRow {
  id: string;
  /** The `Face` of a person or thing. */
  face: ReactNode;
  /** The name; mark what matched with `<mark>`. */
  title: ReactNode;
  second?: ReactNode;
  /** At the end: a state, a time. */
  state?: ReactNode;
  /** The first is done by Enter; Tab goes to the next. */
  verbs: readonly PaletteVerb[];
}

export interface PaletteGroup {
  id: string;
  title: string;
  rows: readonly PaletteRow[];
}

export interface PaletteProps {
  opened: boolean;
  onClose: () => void;
  query: string;
  onQuery: (query: string) => void;
  groups: readonly PaletteGroup[];
  /** Beside the field: "Everything with a name can be called". */
  hint?: string;
  /** At the foot: "Type a number to dial it, @ for people …" */
  foot?: ReactNode;
  /** About the row that is marked, at the end; absent on telephones. */
  preview?: (row: PaletteRow) => ReactNode;
  /** Shown when there is no row: what else could be tried. */
  empty?: ReactNode;
  /** Results are on their way; the old ones stay, and Enter waits unless a row was marked by hand. */
  busy?: boolean;
}

/** Find or call. The field keeps the focus; arrows move, Enter does the first verb, Tab changes the verb. */
export function Palette({ opened, ...props }: PaletteProps) {
  if (!opened) return null;
  return (
    <Portal>
      <OpenPalette {...props} />
    </Portal>
  );
}

function OpenPalette(props: Omit<PaletteProps, 'opened'>) {
  const { onClose, query, onQuery, groups, hint, foot, preview, empty, busy } = props;
  const labels = useLabels();
  const id = useId();
  const rows = groups.flatMap((group) => group.rows);
  const [active, setActive] = useState<string>();
  const [verb, setVerb] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useReturnFocus();

  const found = rows.findIndex((row) => row.id === active);
  const index = Math.max(found, 0);
  const row = rows[index];
  const verbIndex = row && row.verbs.length > 0 ? verb % row.verbs.length : 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: new words, first row again
  useEffect(() => {
    setActive(undefined);
    setVerb(0);
  }, [query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marked row has moved
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [row?.id]);

  const move = (to: number) => {
    const next = rows[(to + rows.length) % rows.length];
    if (!next) return;
    setActive(next.id);
    setVerb(0);
  };
  const perform = (target: PaletteRow, which: number) => {
    const chosen = target.verbs[which];
    if (!chosen) return;
    onClose();
    chosen.onSelect();
  };
  // What stood first for an earlier text must never be done for a later one: what is typed too fast is done when it is known.
  const [enteredFor, setEnteredFor] = useState<string | null>(null);
  const isUnsettled = busy === true && found < 0;
  const enter = (): void => {
    if (isUnsettled) setEnteredFor(query);
    else if (row) perform(row, verbIndex);
  };
  useEffect(() => {
    if (enteredFor === null || isUnsettled) return;
    setEnteredFor(null);
    if (enteredFor === query) enter();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    switch (event.key) {
      case 'Escape':
        onClose();
        break;
      case 'ArrowDown':
        move(index + 1);
        break;
      case 'ArrowUp':
        move(index - 1);
        break;
      case 'Enter':
        enter();
        break;
      case 'Tab':
        if (!row || row.verbs.length < 2) return;
        setVerb((verbIndex + (event.shiftKey ? row.verbs.length - 1 : 1)) % row.verbs.length);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const rowId = (which: PaletteRow) => `${id}-${which.id}`;
  const chosen = row?.verbs[verbIndex];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press beside the palette closes it, as Escape does
    <div
      className={classes.scrim}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <FocusTrap active>
        <div
          className={classes.palette}
          role="dialog"
          aria-modal="true"
          aria-label={labels.findOrCall}
          onKeyDown={onKeyDown}
        >
          <div className={classes.head}>
            <IconSearch size={20} />
            <input
              className={classes.field}
              data-autofocus
              // biome-ignore lint/a11y/noAutofocus: the palette is opened for typing, and the first letter must not be lost
              autoFocus
              value={query}
              onChange={(event) => onQuery(event.target.value)}
              placeholder={labels.findOrCall}
              aria-label={labels.findOrCall}
              role="combobox"
              aria-expanded={rows.length > 0}
              aria-controls={`${id}-list`}
              aria-autocomplete="list"
              aria-activedescendant={row ? rowId(row) : undefined}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
            {hint ? <span className={classes.hint}>{hint}</span> : null}
            <button
              type="button"
              className={classes.escape}
              onClick={onClose}
              aria-label={`${labels.close}, ${labels.keyNames.esc}`}
            >
              <Kbd>{labels.keyNames.esc}</Kbd>
            </button>
          </div>
          <p className={classes.hidden} role="status">
            {busy ? '' : labels.found(rows.length)}
            {chosen && row && row.verbs.length > 1 ? `, ${chosen.label}` : ''}
          </p>
          <div className={classes.body} data-preview={(preview && row && true) || undefined}>
            <div
              ref={list}
              id={`${id}-list`}
              className={classes.groups}
              role="listbox"
              aria-label={labels.findOrCall}
              aria-busy={busy}
            >
              {groups
                .filter((group) => group.rows.length > 0)
                .map((group) => (
                  // biome-ignore lint/a11y/useSemanticElements: groups of a listbox
                  <div
                    key={group.id}
                    role="group"
                    aria-labelledby={`${id}-group-${group.id}`}
                    className={classes.group}
                  >
                    <div id={`${id}-group-${group.id}`} className={classes.groupTitle}>
                      {group.title}
                    </div>
                    {group.rows.map((each) => (
                      // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus (aria-activedescendant)
                      // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does it
                      <div
                        key={each.id}
                        id={rowId(each)}
                        role="option"
                        aria-selected={each === row}
                        className={classes.row}
                        onPointerMove={() => {
                          if (each !== row) move(rows.indexOf(each));
                        }}
                        onMouseDown={(event) => event.preventDefault()}
                        onClick={() => perform(each, each === row ? verbIndex : 0)}
                      >
                        {each.face}
                        <span className={classes.words}>
                          <span className={classes.title}>{each.title}</span>
                          {each.second ? <span className={classes.second}>{each.second}</span> : null}
                        </span>
                        {each.state ? <span className={classes.state}>{each.state}</span> : null}
                        {each === row && each.verbs.length > 0 ? (
                          <Verbs verbs={each.verbs} active={verbIndex} />
                        ) : null}
                      </div>
                    ))}
                  </div>
                ))}
              {rows.length === 0 && !busy ? (
                <div className={classes.empty}>{query ? (empty ?? labels.nothingFound) : empty}</div>
              ) : null}
            </div>
            {preview && row ? <div className={classes.preview}>{preview(row)}</div> : null}
          </div>
          <footer className={classes.foot}>
            <span>
              <Kbd>↑</Kbd> <Kbd>↓</Kbd> {labels.keyMove}
            </span>
            <span>
              <Kbd>{labels.keyNames.enter}</Kbd> {labels.keyDo}
            </span>
            <span>
              <Kbd>{labels.keyNames.tab}</Kbd> {labels.keyVerbs}
            </span>
            {foot ? <span className={classes.footEnd}>{foot}</span> : null}
          </footer>
        </div>
      </FocusTrap>
    </div>
  );
}

function Verbs({ verbs, active }: { verbs: readonly PaletteVerb[]; active: number }) {
  const { keyNames } = useLabels();
  return (
    <span className={classes.verbs} aria-hidden="true">
      {verbs.map((verb, index) => (
        <span key={verb.id} className={classes.verb} data-active={index === active || undefined}>
          {verb.label}
          {index === active ? <Kbd>{keyNames.enter}</Kbd> : null}
          {verbs.length > 1 && index === (active + 1) % verbs.length ? <Kbd>{keyNames.tab}</Kbd> : null}
        </span>
      ))}
    </span>
  );
}
