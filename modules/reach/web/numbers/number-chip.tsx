import { usePersonView, useSession } from '@liaison/core/web';
import { Dot, personLabel, useLabels } from '@liaison/ui';
import { IconAddressBook, IconPhone } from '@tabler/icons-react';
import { formatIncompletePhoneNumber } from 'libphonenumber-js/min';
import { lazy, type ReactNode, Suspense, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FoundNumber } from '../../contract/find-numbers.ts';
import { useHolder } from './asked-together.ts';
import classes from './number-chip.module.css';

// What floats comes when the first one is pressed.
const NumberMenu = lazy(() => import('./number-menu.tsx'));

/** A number as people of its country write it for those abroad, with its extension. */
function useShown({ e164, extension }: FoundNumber): string {
  const { t } = useTranslation('reach');
  const number = e164 === null ? null : formatIncompletePhoneNumber(e164);
  const words = extension === null ? null : t('number.extension', { extension });
  return [number, words].filter((part) => part !== null).join(', ');
}

/**
 * A number in a text: whose it is for me, with her state, and what can be done with it. An extension of nobody is a word as any
 * other.
 */
export function NumberChip({
  number,
  written,
  label,
}: {
  number: FoundNumber;
  written: string;
  /** Words that its writer put in its place. */
  label?: string | undefined;
}) {
  const holder = useHolder(number.e164 ?? number.extension ?? '');
  const shown = useShown(number);
  const { t } = useTranslation('reach');
  if (!holder) return written;
  if (holder.is === 'person') {
    return (
      <PersonsNumber
        personId={holder.personId}
        name={holder.name}
        number={number}
        shown={shown}
        words={label}
      />
    );
  }
  if (number.e164 === null) return written;
  if (holder.is === 'card') {
    return (
      <Chip
        label={t('number.named', { name: holder.name, number: shown })}
        number={number}
        shown={shown}
        card={{ id: holder.contactId, name: holder.name }}
        words={label}
      >
        <IconAddressBook size={13} aria-hidden />
        {label ?? holder.name}
      </Chip>
    );
  }
  return (
    <Chip label={shown} number={number} shown={shown} words={label}>
      <IconPhone size={13} aria-hidden />
      {label ?? shown}
    </Chip>
  );
}

function PersonsNumber({
  personId,
  name,
  number,
  shown,
  words,
}: {
  personId: string;
  name: string;
  number: FoundNumber;
  shown: string;
  words: string | undefined;
}) {
  const labels = useLabels();
  const { t } = useTranslation('reach');
  const { personId: me } = useSession();
  const person = usePersonView(personId, { name }) ?? { id: personId, name };
  return (
    <Chip
      label={t('number.named', { name: personLabel(labels, person), number: shown })}
      number={number}
      shown={shown}
      person={person}
      mine={personId === me}
      words={words}
    >
      {person.reach ? <Dot state={person.reach.state} size={10} /> : null}
      {words ?? person.name}
    </Chip>
  );
}

type MenuParts = Omit<Parameters<typeof NumberMenu>[0], 'at' | 'id' | 'opened' | 'onChange'>;

function Chip({
  label,
  words,
  children,
  ...parts
}: {
  /** Whose it is, and the number. */
  label: string;
  /** What is shown instead: it is said first, because who speaks to the machine says what she sees. */
  words: string | undefined;
  children: ReactNode;
} & MenuParts) {
  const { t } = useTranslation('reach');
  const [opened, setOpened] = useState(false);
  const [used, setUsed] = useState(false);
  const chip = useRef<HTMLButtonElement>(null);
  const id = useId();
  // The menu comes opened with its code, so it does not know where the focus was.
  const change = (next: boolean): void => {
    setOpened(next);
    if (!next) chip.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <button
        ref={chip}
        id={`${id}-target`}
        type="button"
        className={classes.chip}
        aria-label={words === undefined ? label : t('number.named', { name: words, number: label })}
        aria-haspopup="menu"
        aria-expanded={opened}
        onClick={() => {
          setUsed(true);
          setOpened(!opened);
        }}
      >
        {children}
      </button>
      {used ? (
        <Suspense fallback={null}>
          <NumberMenu at={chip} id={id} opened={opened} onChange={change} {...parts} />
        </Suspense>
      ) : null}
    </>
  );
}
