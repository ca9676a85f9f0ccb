import { useSession } from '@liaison/core/web';
import type { PersonSummary } from '@liaison/people';
import { Face } from '@liaison/ui';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import classes from '../chat.module.css';
import { knownView, type usePeople } from '../state/people.ts';
import { matching, mentionAt } from './mention-text.ts';

export interface Mentions {
  readonly id: string;
  readonly found: readonly PersonSummary[];
  readonly active: number;
  readonly choose: (person: PersonSummary) => void;
  /** The words or the caret moved. */
  readonly look: () => void;
  /** True when the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
}

/** Completes `@…` with the members of the conversation. */
export function useMentionList({
  area,
  text,
  people,
  write,
  onChosen,
}: {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  people: ReturnType<typeof usePeople>;
  write: (text: string) => void;
  onChosen: (name: string, id: string) => void;
}): Mentions {
  const id = useId();
  const { personId } = useSession();
  const [place, setPlace] = useState<{ start: number; query: string } | null>(null);
  const [active, setActive] = useState(0);
  const caret = useRef<number | null>(null);
  const found = useMemo(() => {
    if (!place) return [];
    const others = [...people.values()]
      .filter((person) => person.id !== personId)
      .sort((a, b) => a.name.localeCompare(b.name));
    return matching(others, place.query);
  }, [place, people, personId]);

  const look = (): void => {
    const element = area.current;
    const next = element ? mentionAt(element.value, element.selectionStart) : null;
    setPlace((before) => {
      if (before?.start !== next?.start || before?.query !== next?.query) setActive(0);
      return next;
    });
  };
  useEffect(() => {
    if (text === '') setPlace(null);
  }, [text]);

  const opened = found.length > 0;
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

  const choose = (person: PersonSummary): void => {
    const element = area.current;
    if (!element || !place) return;
    const before = element.value.slice(0, place.start);
    const after = element.value.slice(place.start + 1 + place.query.length);
    const named = `@${person.name}${after.startsWith(' ') ? '' : ' '}`;
    onChosen(person.name, person.id);
    caret.current = before.length + person.name.length + 2;
    write(`${before}${named}${after}`);
    setPlace(null);
    element.focus();
  };
  return {
    id,
    found,
    active,
    choose,
    look,
    onKeyDown(event) {
      if (!opened) return false;
      const person = found[active];
      switch (event.key) {
        case 'ArrowDown':
          setActive((active + 1) % found.length);
          break;
        case 'ArrowUp':
          setActive((active + found.length - 1) % found.length);
          break;
        case 'Enter':
        case 'Tab':
          if (event.shiftKey || !person) return false;
          choose(person);
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

/** Over the field: who can be named. */
export function MentionList({ mentions }: { mentions: Mentions }) {
  const { t } = useTranslation('chat');
  const { id, found, active, choose } = mentions;
  if (found.length === 0) return null;
  return (
    <div id={id} className={classes.mentions} role="listbox" aria-label={t('composer.mention')}>
      {found.map((person, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus (aria-activedescendant)
        // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does it
        <div
          key={person.id}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === active}
          className={classes.option}
          // The field must not lose the focus to a press.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(person)}
        >
          <Face name={person.name} {...knownView(person)} id={person.id} size={28} />
          <b>{person.name}</b>
          {person.title ? <span>{person.title}</span> : null}
        </div>
      ))}
    </div>
  );
}
