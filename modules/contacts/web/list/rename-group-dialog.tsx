import { Trouble, useAction } from '@liaison/core/web';
import { Button, Dialog, TextInput, useLabels } from '@liaison/ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getContact, listContacts, listLabels, renameGroup } from '../../contract/index.ts';
import classes from '../contacts.module.css';

/** Another name for a group, in one book or in all. */
export function RenameGroupDialog({
  label,
  bookId,
  onClose,
  onRenamed,
}: {
  label: string;
  bookId: string | undefined;
  onClose: () => void;
  onRenamed: (label: string) => void;
}) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  const form = useId();
  const [name, setName] = useState(label);
  const rename = useAction(renameGroup, {
    invalidates: [listContacts, listLabels, getContact],
    onDone: (_, { body }) => onRenamed(body.to),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const to = name.trim();
    if (to === label) onClose();
    else if (to !== '' && !rename.isPending) {
      rename.mutate({ body: { from: label, to, ...(bookId ? { bookId } : {}) } });
    }
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('groupName.title', { group: label })}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={rename.isPending} disabled={name.trim() === ''}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.severalForm} onSubmit={submit}>
        <TextInput
          label={t('groupName.field')}
          description={t('groupName.hint')}
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Trouble error={rename.error} />
      </form>
    </Dialog>
  );
}
