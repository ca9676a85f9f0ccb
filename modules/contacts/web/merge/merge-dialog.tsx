import { api, localeFor, Trouble, useAction } from '@liaison/core/web';
import { Button, Checkbox, Dialog, Progress, Radio, useLabels } from '@liaison/ui';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Contact,
  type ContactRow,
  getContact,
  listContacts,
  listDuplicates,
  mergeContacts,
} from '../../contract/index.ts';
import { birthdayText } from '../card/birthday-text.ts';
import classes from '../contacts.module.css';
import {
  mergedCard,
  type Several,
  type Single,
  severals,
  severalValues,
  singles,
  singleValues,
} from './choices.ts';

/** Two or more cards side by side: of each field what the one card will have. */
export function MergeDialog({
  rows,
  onClose,
  onMerged,
}: {
  rows: readonly ContactRow[];
  onClose: () => void;
  onMerged: (merged: { contact: Contact; mergeId: string }) => void;
}) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  const ids = rows.map(({ id }) => id);
  const whole = useQuery({
    queryKey: ['contacts', 'merge', ...ids],
    queryFn: () => Promise.all(ids.map((contactId) => api(getContact, { params: { contactId } }))),
    staleTime: 0,
    gcTime: 0,
  });
  const [chosen, setChosen] = useState<Partial<Record<Single, string>>>({});
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const merge = useAction(mergeContacts, { invalidates: [listDuplicates, listContacts], onDone: onMerged });
  const contacts = whole.data;
  const [keep, ...others] = contacts ?? [];
  const toggle = (key: string): void => {
    const next = new Set(leftOut);
    if (!next.delete(key)) next.add(key);
    setLeftOut(next);
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('merge.title')}
      width={560}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button
            loading={merge.isPending}
            onClick={() => {
              if (!keep || !contacts) return;
              merge.mutate({
                body: {
                  keep: { id: keep.id, version: keep.version },
                  others: others.map(({ id, version }) => ({ id, version })),
                  card: mergedCard(contacts, chosen, leftOut),
                },
              });
            }}
          >
            {t('merge.verb')}
          </Button>
        </>
      }
    >
      {contacts ? (
        <>
          <p className={classes.quiet}>{t('merge.why')}</p>
          {singles.map((field) => (
            <SingleChoice
              key={field}
              field={field}
              contacts={contacts}
              value={chosen[field]}
              onChange={(value) => setChosen({ ...chosen, [field]: value })}
            />
          ))}
          {severals.map((field) => (
            <SeveralChoice
              key={field}
              field={field}
              contacts={contacts}
              leftOut={leftOut}
              onToggle={toggle}
            />
          ))}
        </>
      ) : (
        <Progress bare label={t('loading')} />
      )}
      <Trouble error={whole.error ?? merge.error} />
    </Dialog>
  );
}

/** Nothing is asked where the cards agree. */
function SingleChoice({
  field,
  contacts,
  value,
  onChange,
}: {
  field: Single;
  contacts: readonly Contact[];
  value: string | undefined;
  onChange: (value: string) => void;
}) {
  const { t, i18n } = useTranslation('contacts');
  const values = singleValues(contacts, field);
  if (values.length < 2) return null;
  return (
    <fieldset className={classes.choices}>
      <legend>{t(`field.${field}`)}</legend>
      {values.map((each) => (
        <Radio
          key={each}
          name={`merge-${field}`}
          label={field === 'birthday' ? birthdayText(JSON.parse(each), localeFor(i18n.language)) : each}
          checked={(value ?? values[0]) === each}
          onChange={() => onChange(each)}
        />
      ))}
    </fieldset>
  );
}

function SeveralChoice({
  field,
  contacts,
  leftOut,
  onToggle,
}: {
  field: Several;
  contacts: readonly Contact[];
  leftOut: ReadonlySet<string>;
  onToggle: (key: string) => void;
}) {
  const { t } = useTranslation('contacts');
  const values = severalValues(contacts, field);
  if (values.length === 0) return null;
  return (
    <fieldset className={classes.choices}>
      <legend>{t(`field.${field}`)}</legend>
      {values.map(({ key, value }) => (
        <Checkbox
          key={key}
          label={textOf(value)}
          checked={!leftOut.has(`${field} ${key}`)}
          onChange={() => onToggle(`${field} ${key}`)}
        />
      ))}
    </fieldset>
  );
}

function textOf(value: Contact[Several][number]): string {
  if (typeof value === 'string') return value;
  if ('shown' in value) return value.shown;
  if ('address' in value) return value.address;
  return [value.street, value.postalCode, value.city, value.country].filter(Boolean).join(', ');
}
