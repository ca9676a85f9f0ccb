import { api } from '@liaison/core/web';
import { Button, Dialog, TextInput, useLabels } from '@liaison/ui';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createFolder, type ListedNode, nameFault, normalName, renameNode } from '../../contract/index.ts';
import classes from '../files.module.css';
import { Trouble } from '../trouble.tsx';

/** Asks what a new folder is called, or how `node` is called from now on. */
export default function NameDialog({
  folderId,
  node,
  onClose,
}: {
  folderId: string;
  node?: ListedNode;
  onClose: () => void;
}) {
  const { t } = useTranslation('files');
  const labels = useLabels();
  const form = useId();
  const [name, setName] = useState(node?.name ?? '');
  const [isChecked, setChecked] = useState(false);
  const fault = nameFault(normalName(name));
  const change = useMutation({
    mutationFn: () =>
      node
        ? api(renameNode, { params: { nodeId: node.id }, body: { name } })
        : api(createFolder, { params: { nodeId: folderId }, body: { name } }),
    onSuccess: onClose,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (fault === null) change.mutate();
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={node ? t('rename.title', { name: node.name }) : t('create.title')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={change.isPending}>
            {t(node ? 'rename.verb' : 'create.verb')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <TextInput
          label={t('column.name')}
          value={name}
          maxLength={255}
          onChange={(event) => setName(event.currentTarget.value)}
          onFocus={(event) => {
            const { value } = event.currentTarget;
            const dot = node?.kind === 'file' ? value.lastIndexOf('.') : -1;
            event.currentTarget.setSelectionRange(0, dot > 0 ? dot : value.length);
          }}
          error={isChecked && fault !== null ? t(`problem.files-name-${fault}`) : undefined}
          data-autofocus
        />
        <Trouble error={change.error} />
      </form>
    </Dialog>
  );
}
