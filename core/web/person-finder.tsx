import { Select } from '@liaison/ui';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { type FoundPerson, useFoundPeople } from './person-view.tsx';

/** A field that finds a person as one types; it empties itself after each choice. Enter takes whoever fits best. */
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
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
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
    if (enteredFor === null || isFetching || text !== typed.trim().slice(0, 100)) return;
    setEnteredFor(null);
    if (enteredFor === typed) listed('[role=option]')?.click();
  });
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
        ...people.filter(isOffered).map((person) => ({ value: person.id, label: labelOf(person) })),
        ...(isStranger ? [{ value: address, label: addressLabel?.(text) ?? text }] : []),
      ]}
      value={null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(chosen) => {
        if (!chosen) return;
        const person = people.find(({ id }) => id === chosen);
        if (person) onPick(person);
        else if (chosen.includes('@')) onAddress?.(chosen);
        else return;
        setTyped('');
      }}
      // The server has sorted by how well they fit.
      filter={({ options }) => options}
      searchable
      comboboxProps={{ withinPortal: !isInside }}
      nothingFoundMessage={isFetching ? searching : nobody}
    />
  );
}
