import { useApi, usePersonView } from '@liaison/core/web';
import { type PersonSummary, searchPeople } from '@liaison/people';
import { IconButton, PersonFace, PersonState, type PersonView } from '@liaison/ui';
import { IconPhone, IconX } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type Ref,
  useDeferredValue,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useTelephone } from './calls-provider.tsx';
import classes from './dial-field.module.css';
import { dialledText } from './dialled.ts';
import { Marked } from './marked.tsx';
import { photoOf } from './photo-of.ts';

export interface DialFieldHandle {
  /** A key of the keypad. */
  type(key: string): void;
}

/** What is done with whoever is found, where it is not to call. */
export interface DialChoice {
  /** What the field asks for. */
  readonly label: string;
  /** The word on each match. */
  readonly word: string;
  readonly onChoose: (to: string, name: string) => void;
}

/**
 * Rings by name, number, address or extension: Enter calls the marked match, at first the best one; with `choice` it is
 * chosen instead.
 */
export function DialField({ ref, choice }: { ref?: Ref<DialFieldHandle>; choice?: DialChoice }) {
  const { t } = useTranslation('calls');
  const { controller } = useTelephone();
  const word = choice?.word ?? t('dial.call');
  const [typed, setTyped] = useState('');
  const [marked, setMarked] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const { data, isFetching } = useApi(searchPeople, text ? { query: { text, limit: 8 } } : null, {
    keepLast: true,
  });
  const people = text ? (data?.people ?? []) : [];
  const number = dialledText(text);
  const known = people.some((person) => person.extension === number || person.address === number);
  const dialNumber = number !== null && !known ? number : null;
  const count = people.length + (dialNumber === null ? 0 : 1);
  const index = Math.min(marked, Math.max(0, count - 1));

  useImperativeHandle(ref, () => ({
    type(key) {
      setTyped((before) => before + key);
      setMarked(0);
    },
  }));

  const change = (next: string): void => {
    setTyped(next);
    setMarked(0);
  };
  const ring = (to: string, name: string): void => {
    if (choice) choice.onChoose(to, name);
    else void controller.call(to, name);
    change('');
  };
  // The matches of an earlier text must never be rung for a later one: what is typed too fast is rung when it is known.
  const stale = typed.trim().slice(0, 100) !== text || (text !== '' && isFetching);
  const [ringWhenKnown, setRingWhenKnown] = useState<string | null>(null);
  const ringMarked = (): void => {
    if (stale) {
      setRingWhenKnown(typed);
      return;
    }
    const person = people[index];
    if (person) ring(person.id, person.name);
    else if (dialNumber !== null) ring(dialNumber, dialNumber);
  };
  useEffect(() => {
    if (ringWhenKnown === null || stale) return;
    setRingWhenKnown(null);
    if (ringWhenKnown === typed) ringMarked();
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (count > 0) setMarked((index + step + count) % count);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      ringMarked();
    } else if (event.key === 'Escape' && typed !== '') {
      event.stopPropagation();
      change('');
    }
  };
  const optionId = (at: number): string => `${listId}-${at}`;
  return (
    <search className={classes.dial} data-choice={choice ? '' : undefined}>
      <div className={classes.field}>
        <IconPhone size={20} />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={choice?.label ?? t('dial.label')}
          aria-expanded={count > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={count > 0 ? optionId(index) : undefined}
          placeholder={t('dial.placeholder')}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="go"
          value={typed}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {count > 0 && !choice ? <span className={classes.hint}>{t('dial.hint')}</span> : null}
        {typed === '' ? null : (
          <IconButton
            aria-label={t('dial.clear')}
            onClick={() => {
              change('');
              input.current?.focus();
            }}
          >
            <IconX size={18} />
          </IconButton>
        )}
      </div>
      <div className={classes.hits} data-empty={count === 0 || undefined}>
        <div id={listId} role="listbox" aria-label={t('dial.matches')}>
          {people.map((person, at) => (
            <Hit
              key={person.id}
              id={optionId(at)}
              person={person}
              text={text}
              selected={at === index}
              word={word}
              onMark={() => setMarked(at)}
              onCall={() => ring(person.id, person.name)}
            />
          ))}
          {dialNumber === null ? null : (
            // biome-ignore lint/a11y/useFocusableInteractive: see the list
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
            <div
              id={optionId(people.length)}
              className={classes.hit}
              role="option"
              aria-selected={index === people.length}
              onClick={() => ring(dialNumber, dialNumber)}
            >
              <span className={classes.thing}>
                <IconPhone size={18} />
              </span>
              <span className={classes.words}>
                <b>{dialNumber}</b>
                <span>{t('dial.asTyped')}</span>
              </span>
              <CallWord word={word} />
            </div>
          )}
        </div>
      </div>
      <p className={classes.none} role="status">
        {text && count === 0 && !isFetching ? t('dial.nobody') : ''}
      </p>
    </search>
  );
}

interface HitProps {
  id: string;
  person: PersonSummary;
  text: string;
  selected: boolean;
  word: string;
  onMark: () => void;
  onCall: () => void;
}

function Hit({ id, person, text, selected, word, onMark, onCall }: HitProps) {
  const { t } = useTranslation('calls');
  const photo = photoOf(person);
  const view: PersonView = usePersonView(person.id, {
    name: person.name,
    ...(photo === undefined ? {} : { photo }),
  }) ?? { id: person.id, name: person.name };
  const place = [person.title, person.office].filter(Boolean).join(', ');
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the marked row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
    <div
      id={id}
      className={classes.hit}
      role="option"
      aria-selected={selected}
      onClick={onCall}
      onPointerMove={onMark}
    >
      <PersonFace person={view} size={36} />
      <span className={classes.words}>
        <b>
          <Marked text={person.name} find={text} />
        </b>
        <span>
          {place}
          {person.extension ? (
            <>
              {place ? ' · ' : ''}
              {t('dial.extension')} <Marked text={person.extension} find={text} />
            </>
          ) : null}
        </span>
      </span>
      <span className={classes.state}>
        <PersonState person={view} />
      </span>
      <CallWord word={word} />
    </div>
  );
}

/** Looks like a button and is a part of the row, which is pressed as a whole. */
function CallWord({ word }: { word: string }) {
  return (
    <span className={classes.call}>
      <IconPhone size={17} />
      <span>{word}</span>
    </span>
  );
}
