import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import classes from '../chat.module.css';

/** One thing that the beginning before the caret may be completed to. */
export interface Option {
  readonly key: string;
  /** What stands in the text when it is chosen. */
  readonly written: string;
  readonly drawn: ReactNode;
  readonly onChosen?: () => void;
}

/** What can be completed: beginnings that it knows, and what they may become. */
export interface Source {
  readonly label: string;
  /** The beginning that stands before the caret, from its sign on. */
  readonly at: (text: string, caret: number) => { readonly start: number; readonly query: string } | null;
  readonly options: (query: string) => readonly Option[];
}

export interface Completion {
  readonly id: string;
  readonly label: string;
  readonly options: readonly Option[];
  readonly active: number;
  readonly choose: (option: Option) => void;
  /** The words or the caret moved. */
  readonly look: () => void;
  /** True when the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
}

interface Place {
  readonly source: Source;
  readonly start: number;
  readonly query: string;
}

const none: readonly Option[] = [];

/** Completes what is being written in a field. Of the sources the first that knows the beginning answers. */
export function useCompletion({
  area,
  text,
  sources,
  write,
}: {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  /** The same list while nothing in it changed. */
  sources: readonly Source[];
  write: (text: string) => void;
}): Completion {
  const id = useId();
  const [place, setPlace] = useState<Place | null>(null);
  const [active, setActive] = useState(0);
  const caret = useRef<number | null>(null);
  const options = useMemo(() => place?.source.options(place.query) ?? none, [place]);

  const placeNow = (): Place | null => {
    const element = area.current;
    for (const source of element ? sources : []) {
      const found = source.at(element!.value, element!.selectionStart);
      if (found) return { source, ...found };
    }
    return null;
  };
  const look = (): void => {
    const next = placeNow();
    setPlace((before) => {
      if (before?.start !== next?.start || before?.query !== next?.query) setActive(0);
      return next;
    });
  };
  useEffect(() => {
    if (text === '') setPlace(null);
  }, [text]);
  // Whom one may name can become known while the list is open.
  useEffect(() => {
    setPlace((before) => {
      const source = before && sources.find(({ label }) => label === before.source.label);
      return before && source && source !== before.source ? { ...before, source } : before;
    });
  }, [sources]);

  const opened = options.length > 0;
  // The field belongs to the design system's composer; what ties it to this list is set here.
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    element.setAttribute('aria-autocomplete', 'list');
    if (opened) {
      element.setAttribute('aria-controls', id);
      element.setAttribute('aria-activedescendant', `${id}-${active}`);
    } else {
      element.removeAttribute('aria-controls');
      element.removeAttribute('aria-activedescendant');
    }
  }, [area, id, opened, active]);
  useLayoutEffect(() => {
    if (caret.current === null) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const choose = (option: Option): void => {
    const element = area.current;
    if (!element || !place) return;
    const before = element.value.slice(0, place.start);
    const after = element.value.slice(place.start + 1 + place.query.length);
    option.onChosen?.();
    caret.current = before.length + option.written.length + 1;
    write(`${before}${option.written}${after.startsWith(' ') ? '' : ' '}${after}`);
    setPlace(null);
    element.focus();
  };
  return {
    id,
    label: place?.source.label ?? '',
    options,
    active,
    choose,
    look,
    onKeyDown(event) {
      if (!opened) return false;
      const option = options[active];
      switch (event.key) {
        case 'ArrowDown':
          setActive((active + 1) % options.length);
          break;
        case 'ArrowUp':
          setActive((active + options.length - 1) % options.length);
          break;
        case 'Enter':
        case 'Tab':
          if (event.shiftKey || !option) return false;
          choose(option);
          break;
        case 'Escape':
          setPlace(null);
          break;
        default:
          return false;
      }
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

/** Over the field: what the beginning may become. */
export function CompletionList({ completion }: { completion: Completion }) {
  const { id, label, options, active, choose } = completion;
  if (options.length === 0) return null;
  return (
    <div id={id} className={classes.mentions} role="listbox" aria-label={label}>
      {options.map((option, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus (aria-activedescendant)
        // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does it
        <div
          key={option.key}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === active}
          className={classes.option}
          // The field must not lose the focus to a press.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(option)}
        >
          {option.drawn}
        </div>
      ))}
    </div>
  );
}
