import { api, codeOf, invalidate, Trouble, useApi, useHoldReload } from '@liaison/core/web';
import { Button, ErrorNote, PageBody, PageHeader, Segments, Textarea, TextInput } from '@liaison/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Contact,
  changeContact,
  createContact,
  getContact,
  listContacts,
  numberLabels,
  placeLabels,
} from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { AddressFields } from './address-fields.tsx';
import { type Draft, draftOf, faultsOf, inputOf } from './draft.ts';
import { LineFields } from './line-fields.tsx';
import { PhotoField } from './photo-field.tsx';

/** A card to write: a new one, or one that is there, whose version is guarded. */
export function ContactForm({
  contact,
  bookId,
  given,
  place,
  onDone,
}: {
  contact?: Contact;
  bookId: string;
  given?: { name?: string; number?: string; email?: string };
  /** Which book a new one goes to. */
  place?: ReactNode;
  onDone: (saved: Contact | null) => void;
}) {
  const { t } = useTranslation('contacts');
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(contact, given));
  /** The card that the form was filled from: another version of it may be there meanwhile. */
  const [base, setBase] = useState(contact);
  const [isChecked, setChecked] = useState(false);
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const text = (field: keyof Draft) => ({
    value: draft[field] as string,
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  const faults = faultsOf(draft);
  const save = useMutation({
    mutationFn: (over: number | undefined) => {
      const input = inputOf(draft, base);
      return base
        ? api(changeContact, {
            params: { contactId: base.id },
            body: { ...input, version: over ?? base.version },
          })
        : api(createContact, { params: { bookId }, body: input });
    },
    onSuccess: (saved) => {
      void invalidate(client, [listContacts, [getContact, { params: { contactId: saved.id } }]]);
      onDone(saved);
    },
  });
  // What somebody else has written meanwhile is asked for, and then shown or written over.
  const theirs = useMutation({
    mutationFn: ({ contactId }: { contactId: string; after: (now: Contact) => void }) =>
      api(getContact, { params: { contactId } }),
    onSuccess: (now, { after }) => after(now),
  });
  useHoldReload(true);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (faults.length === 0 && !save.isPending && !mayOnlyRead) save.mutate(undefined);
  };
  // The right to it may have been taken away since the form was opened.
  const mayOnlyRead = contact !== undefined && contact.right !== 'write' && contact.right !== 'manage';
  const isConflict = codeOf(save.error) === 'contacts-changed';
  const isAsking = theirs.isPending || save.isPending;
  const isPerson = draft.kind === 'person';
  const nameError = isChecked && faults.includes('name') ? t('fault.name') : undefined;
  const form = useId();
  return (
    <>
      <PageHeader
        title={contact ? t('edit.title', { name: contact.name }) : t('new.title')}
        onBack={() => onDone(null)}
        actions={
          <Button type="submit" form={form} loading={save.isPending} disabled={mayOnlyRead} data-keep>
            {t('save')}
          </Button>
        }
      />
      <PageBody label={contact ? contact.name : t('new.title')}>
        <form id={form} className={classes.form} onSubmit={submit} noValidate>
          {place}
          <div className={classes.kind}>
            <Segments
              label={t('field.kind')}
              items={[
                { id: 'person', label: t('kind.person') },
                { id: 'company', label: t('kind.company') },
              ]}
              value={draft.kind}
              onChange={(kind) => set({ kind })}
            />
          </div>
          {base && contact ? <PhotoField contact={contact} onVersion={setBase} /> : null}
          {isPerson ? (
            <>
              <div className={classes.pair}>
                <TextInput label={t('field.given')} maxLength={120} {...text('given')} error={nameError} />
                <TextInput label={t('field.family')} maxLength={120} {...text('family')} />
              </div>
              <div className={classes.pair}>
                <CompanyField
                  bookId={bookId}
                  value={draft.organisation}
                  onChange={(organisation) => set({ organisation })}
                />
                <TextInput label={t('field.title')} maxLength={200} {...text('title')} />
              </div>
            </>
          ) : (
            <TextInput label={t('field.companyName')} maxLength={200} {...text('name')} error={nameError} />
          )}
          <LineFields
            title={t('field.numbers')}
            each={t('field.number')}
            add={t('add.number')}
            remove={t('remove.number')}
            kindOf={t('field.labelOfNumber')}
            lines={draft.numbers}
            onChange={(numbers) => set({ numbers })}
            labels={numberLabels.map((value) => ({ value, label: t(`numberLabel.${value}`) }))}
            type="tel"
            maxLength={80}
          />
          <LineFields
            title={t('field.emails')}
            each={t('field.email')}
            add={t('add.email')}
            remove={t('remove.email')}
            kindOf={t('field.labelOfEmail')}
            lines={draft.emails}
            onChange={(emails) => set({ emails })}
            labels={placeLabels.map((value) => ({ value, label: t(`placeLabel.${value}`) }))}
            type="email"
            maxLength={254}
          />
          <AddressFields places={draft.addresses} onChange={(addresses) => set({ addresses })} />
          <TextInput
            label={t('field.labels')}
            description={t('field.labelsHint')}
            maxLength={900}
            {...text('labels')}
          />
          {isPerson ? (
            <fieldset className={classes.birthday}>
              <legend>{t('field.birthday')}</legend>
              <div className={classes.three}>
                <TextInput label={t('field.day')} inputMode="numeric" maxLength={2} {...text('birthDay')} />
                <TextInput
                  label={t('field.month')}
                  inputMode="numeric"
                  maxLength={2}
                  {...text('birthMonth')}
                />
                <TextInput label={t('field.year')} inputMode="numeric" maxLength={4} {...text('birthYear')} />
              </div>
              <p className={classes.hint}>{t('field.yearHint')}</p>
              {isChecked && faults.includes('birthday') ? (
                <p className={classes.fault} role="alert">
                  {t('fault.birthday')}
                </p>
              ) : null}
            </fieldset>
          ) : null}
          <Textarea label={t('field.notes')} rows={4} maxLength={10_000} {...text('notes')} />
          <details className={classes.rare} open={rareOpen(base)}>
            <summary>{t('rare')}</summary>
            {isPerson ? (
              <>
                <div className={classes.pair}>
                  <TextInput label={t('field.prefix')} maxLength={60} {...text('prefix')} />
                  <TextInput label={t('field.suffix')} maxLength={60} {...text('suffix')} />
                </div>
                <TextInput label={t('field.additional')} maxLength={120} {...text('additional')} />
                <TextInput
                  label={t('field.name')}
                  description={t('field.nameHint')}
                  maxLength={200}
                  {...text('name')}
                />
              </>
            ) : null}
            <TextInput label={t('field.nickname')} maxLength={120} {...text('nickname')} />
            <LineFields
              title={t('field.sip')}
              each={t('field.sip')}
              add={t('add.sip')}
              remove={t('remove.sip')}
              kindOf={t('field.labelOfSip')}
              lines={draft.sip}
              onChange={(sip) => set({ sip })}
              labels={placeLabels.map((value) => ({ value, label: t(`placeLabel.${value}`) }))}
              maxLength={254}
            />
            <LineFields
              title={t('field.webPages')}
              each={t('field.webPage')}
              add={t('add.webPage')}
              remove={t('remove.webPage')}
              lines={draft.webPages}
              onChange={(webPages) => set({ webPages })}
              maxLength={500}
            />
            <TextInput
              label={t('field.languages')}
              description={t('field.languagesHint')}
              maxLength={400}
              {...text('languages')}
            />
          </details>
          {mayOnlyRead ? (
            <ErrorNote title={t('edit.readOnly')}>{t('edit.readOnlyWhy')}</ErrorNote>
          ) : isConflict && base ? (
            <ErrorNote
              title={t('conflict.title')}
              actions={
                <>
                  <Button
                    variant="default"
                    disabled={isAsking}
                    onClick={() =>
                      theirs.mutate({
                        contactId: base.id,
                        after: (now) => {
                          setBase(now);
                          setDraft(draftOf(now));
                          save.reset();
                        },
                      })
                    }
                  >
                    {t('conflict.showTheirs')}
                  </Button>
                  <Button
                    disabled={isAsking}
                    onClick={() =>
                      theirs.mutate({ contactId: base.id, after: (now) => save.mutate(now.version) })
                    }
                  >
                    {t('conflict.writeMine')}
                  </Button>
                </>
              }
            >
              {t('conflict.why')}
            </ErrorNote>
          ) : (
            <Trouble error={save.error} />
          )}
          {isConflict ? <Trouble error={theirs.error} /> : null}
          <div className={classes.formVerbs}>
            <Button type="submit" size="md" loading={save.isPending} disabled={mayOnlyRead}>
              {t('save')}
            </Button>
            <Button variant="default" size="md" onClick={() => onDone(null)}>
              {t('cancel')}
            </Button>
          </div>
        </form>
      </PageBody>
    </>
  );
}

/** What few cards have is open where this one has some of it. */
const rareOpen = (contact: Contact | undefined): boolean =>
  contact !== undefined &&
  (contact.sip.length > 0 ||
    contact.webPages.length > 0 ||
    contact.languages.length > 0 ||
    contact.prefix !== '');

/** The name of a company; those of the book are offered. */
function CompanyField({
  bookId,
  value,
  onChange,
}: {
  bookId: string;
  value: string;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation('contacts');
  const listId = useId();
  const companies = useApi(listContacts, {
    query: {
      bookId,
      kind: 'company',
      limit: 20,
      ...(value.trim() ? { text: value.trim().slice(0, 100) } : {}),
    },
  });
  return (
    <>
      <TextInput
        label={t('field.organisation')}
        maxLength={200}
        list={listId}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {companies.data?.rows.map((row) => (
          <option key={row.id} value={row.name} />
        ))}
      </datalist>
    </>
  );
}
