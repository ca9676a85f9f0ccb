import { Select } from '@liaison/ui';
import { useDeferredValue, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FoundPerson, useFoundPeople } from './person-view.tsx';

/**
 * A field that finds a person as one types; it empties itself after each choice. Enter takes whoever fits best. The form around it is not
 * sent without who was typed: a whole name or address is taken, any other words are asked about.
 */
export function PersonFinder({
  label,
  placeholder,
  nobody,
  searching = nobody,
  isOffered = ({ isSuspended }) => !isSuspended,
  labelOf = ({ name, address }) => `${name}, ${address}`,
  addressLabel,
  isInside = false,
  onPick,
  onAddress,
}: {
  label: string;
  placeholder?: string;
  /** Said where nobody fits. */
  nobody: string;
  /** Said meanwhile. */
  searching?: string;
  /** Who can be chosen; unless told, everybody who can sign in. */
  isOffered?: (person: FoundPerson) => boolean;
  labelOf?: (person: FoundPerson) => string;
  /** With `onAddress`: how a mail address is offered that is nobody's here. */
  addressLabel?: (address: string) => string;
  /** The choice opens in a popover, which would be closed by a press outside of it. */
  isInside?: boolean;
  onPick: (person: FoundPerson) => void;
  onAddress?: (address: string) => void;
}) {
  const { t } = useTranslation('core');
  const [typed, setTyped] = useState('');
  const [isRefused, setRefused] = useState(false);
  const words = typed.trim().slice(0, 100);
  const text = useDeferredValue(words);
  const { people, isFetching } = useFoundPeople(text);
  const address = text.toLowerCase();
  const isStranger =
    onAddress !== undefined &&
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) &&
    !people.some((person) => person.address === address);
  const input = useRef<HTMLInputElement>(null);
  const listed = (which: string): HTMLElement | null =>
    document.getElementById(input.current?.getAttribute('aria-controls') ?? '')?.querySelector(which) ?? null;
  const [enteredFor, setEnteredFor] = useState<string | null>(null);
  useEffect(() => {
    if (enteredFor === null || isFetching || text !== words) return;
    setEnteredFor(null);
    if (enteredFor === typed) listed('[role=option]')?.click();
  });
  const write = (next: string): void => {
    setTyped(next);
    setRefused(false);
  };
  const choose = (chosen: string): void => {
    const person = people.find(({ id }) => id === chosen);
    if (person) onPick(person);
    else if (chosen.includes('@')) onAddress?.(chosen);
    else return;
    write('');
  };
  const offered = people.filter(isOffered);
  const [sentBy, setSentBy] = useState<{ readonly submitter: HTMLElement | null } | null>(null);
  useLayoutEffect(() => {
    const form = input.current?.form;
    if (!form || words === '') return;
    const hold = (event: SubmitEvent): void => {
      event.preventDefault();
      event.stopPropagation();
      // Only of what was found for all that is written now.
      const meant =
        isFetching || text !== words
          ? []
          : isStranger
            ? [address]
            : offered.filter((person) => isWhole(words, person)).map(({ id }) => id);
      if (meant.length === 1) {
        choose(meant[0]!);
        setSentBy({ submitter: event.submitter });
      } else {
        setRefused(true);
        input.current?.focus();
      }
    };
    form.addEventListener('submit', hold);
    return () => form.removeEventListener('submit', hold);
  });
  // Once the form has her; browsers pass over what is sent while it is being sent.
  useEffect(() => {
    if (!sentBy) return;
    const timer = setTimeout(() => {
      setSentBy(null);
      input.current?.form?.requestSubmit(sentBy.submitter);
    });
    return () => clearTimeout(timer);
  }, [sentBy]);
  return (
    <Select
      ref={input}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing || typed.trim() === '') return;
        // A name that is half typed does not send the form around it, without her.
        event.preventDefault();
        // Whom the arrows have marked the field takes itself.
        if (!listed('[data-combobox-selected]')) setEnteredFor(typed);
      }}
      label={label}
      placeholder={placeholder}
      data={[
        ...offered.map((person) => ({ value: person.id, label: labelOf(person) })),
        ...(isStranger ? [{ value: address, label: addressLabel?.(text) ?? text }] : []),
      ]}
      value={null}
      searchValue={typed}
      onSearchChange={(next) => {
        // Left, the field empties itself: in a form what is written there stays, for whoever sends it to see.
        if (next === '' && input.current?.form && input.current.value !== '') return;
        write(next);
      }}
      onChange={(chosen) => chosen && choose(chosen)}
      aria-busy={isFetching || text !== words}
      error={isRefused ? t('finder.nobodyChosen') : undefined}
      // Above the field: below it lies the list.
      inputWrapperOrder={['label', 'error', 'input']}
      // The server has sorted by how well they fit.
      filter={({ options }) => options}
      searchable
      comboboxProps={{ withinPortal: !isInside }}
      nothingFoundMessage={isFetching ? searching : nobody}
    />
  );
}

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const isWhole = (words: string, { name, address }: FoundPerson): boolean =>
  [name, address].some((each) => folded(each) === folded(words));
