import { api, Trouble, useApi } from '@liaison/core/web';
import { foldText } from '@liaison/people';
import { Button, Checkbox, Dialog, TextInput, useLabels } from '@liaison/ui';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContactRow, groupContacts, listLabels } from '../../contract/index.ts';
import classes from '../contacts.module.css';

/** In which groups the chosen cards are: all of them, some, none; and a new one. */
export function GroupsDialog({
  rows,
  onClose,
  onDone,
}: {
  rows: readonly ContactRow[];
  onClose: () => void;
  onDone: (text: string, undo: () => Promise<unknown>) => void;
}) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  const form = useId();
  const known = useApi(listLabels, { query: {} });
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [fresh, setFresh] = useState('');
  const idsIn = (label: string): string[] =>
    rows.filter((row) => row.labels.some((each) => foldText(each) === foldText(label))).map(({ id }) => id);
  const names = [
    ...new Map(
      [...rows.flatMap((row) => row.labels), ...(known.data?.rows ?? []).map(({ label }) => label)].map(
        (label) => [foldText(label), label],
      ),
    ).values(),
  ].sort((a, b) => a.localeCompare(b));
  const all = rows.map(({ id }) => id);
  const added = [
    ...names.filter((label) => chosen.get(label) === true && idsIn(label).length < all.length),
    ...(fresh.trim() === '' ? [] : [fresh.trim()]),
  ];
  const removed = names.filter((label) => chosen.get(label) === false && idsIn(label).length > 0);
  const save = useMutation({
    mutationFn: () => api(groupContacts, { body: { contactIds: all, add: added, remove: removed } }),
    onSuccess: () =>
      onDone(t('several.grouped', { count: rows.length }), async () => {
        // Each group as it was: who was in it before stays, or comes back.
        for (const label of added) {
          const contactIds = all.filter((id) => !idsIn(label).includes(id));
          if (contactIds.length > 0) await api(groupContacts, { body: { contactIds, remove: [label] } });
        }
        for (const label of removed) {
          await api(groupContacts, { body: { contactIds: idsIn(label), add: [label] } });
        }
      }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (added.length + removed.length === 0) onClose();
    else if (!save.isPending) save.mutate();
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('field.labels')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={save.isPending}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.severalForm} onSubmit={submit}>
        {names.length > 0 ? (
          <fieldset className={classes.groupChoices} aria-label={t('field.labels')}>
            {names.map((label) => {
              const many = idsIn(label).length;
              const choice = chosen.get(label);
              return (
                <Checkbox
                  key={label}
                  label={label}
                  checked={choice ?? many === all.length}
                  indeterminate={choice === undefined && many > 0 && many < all.length}
                  onChange={(event) => setChosen(new Map(chosen).set(label, event.currentTarget.checked))}
                />
              );
            })}
          </fieldset>
        ) : null}
        <TextInput
          label={t('several.newGroup')}
          maxLength={40}
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <Trouble error={known.error ?? save.error} />
      </form>
    </Dialog>
  );
}
