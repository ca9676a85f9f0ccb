import { api, invalidate, Trouble, useAction, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Dialog,
  IconButton,
  Tag,
  TextInput,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconFingerprint, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  addPasskey,
  getSecurity,
  passkeyRegistrationOptions,
  removePasskey,
  renamePasskey,
  type Security,
} from '../../contract/index.ts';
import { isThereAlready, makePasskey, wasGivenUp } from '../outside/passkeys.ts';

type Passkey = Security['passkeys'][number];

/** Passkeys: those that are there, and one more for this device. */
export function PasskeyList({ passkeys, onAdded }: { passkeys: readonly Passkey[]; onAdded: () => void }) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const format = useFormat();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [there, setThere] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const remove = useAction(removePasskey, {
    invalidates: [getSecurity],
    onDone: () => setRemoving(null),
    onFailed: (problem) => {
      setRemoving(null);
      setError(problem);
    },
  });
  const add = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    setThere(false);
    try {
      const { options } = await api(passkeyRegistrationOptions);
      const response = await makePasskey(options);
      await api(addPasskey, { body: { name: deviceName(t('security.passkeys.unnamed')), response } });
      await invalidate(client, [getSecurity]);
      toasts.show({ text: t('security.passkeys.added') });
      onAdded();
    } catch (problem) {
      if (isThereAlready(problem)) setThere(true);
      else if (!wasGivenUp(problem)) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {passkeys.length > 0 ? (
        <Things label={t('security.passkeys.title')}>
          {passkeys.map((passkey) => (
            <Thing
              key={passkey.id}
              icon={<IconFingerprint size={19} />}
              name={
                <>
                  {passkey.name}
                  {passkey.synced ? <Tag>{t('security.passkeys.synced')}</Tag> : null}
                </>
              }
              second={t('security.passkeys.since', { day: format.day(passkey.createdAt) })}
              action={
                <>
                  <IconButton
                    aria-label={t('security.passkeys.rename', { name: passkey.name })}
                    onClick={() => setRenaming(passkey)}
                  >
                    <IconPencil size={18} />
                  </IconButton>
                  <IconButton
                    aria-label={t('security.passkeys.remove', { name: passkey.name })}
                    onClick={() => setRemoving(passkey)}
                  >
                    <IconTrash size={18} />
                  </IconButton>
                </>
              }
            />
          ))}
        </Things>
      ) : null}
      <Trouble error={error} />
      {there ? <p role="status">{t('security.passkeys.there')}</p> : null}
      <Actions>
        <Button
          variant="default"
          size="md"
          leftSection={<IconFingerprint size={18} />}
          loading={busy}
          onClick={() => void add()}
        >
          {t('security.passkeys.add')}
        </Button>
      </Actions>
      {renaming ? <Rename passkey={renaming} onClose={() => setRenaming(null)} /> : null}
      <ConfirmDialog
        opened={removing !== null}
        danger
        title={t('security.passkeys.removeTitle', { name: removing?.name ?? '' })}
        verb={t('security.passkeys.removeVerb')}
        busy={remove.isPending}
        onConfirm={() => removing && remove.mutate({ params: { id: removing.id } })}
        onCancel={() => setRemoving(null)}
      >
        {t('security.passkeys.removeWhy')}
      </ConfirmDialog>
    </>
  );
}

function Rename({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const form = useId();
  const [name, setName] = useState(passkey.name);
  const rename = useAction(renamePasskey, { invalidates: [getSecurity], onDone: onClose });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '') rename.mutate({ params: { id: passkey.id }, body: { name } });
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('security.passkeys.rename', { name: passkey.name })}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={rename.isPending}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        <TextInput
          label={t('field.name')}
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Trouble error={rename.error} />
      </form>
    </Dialog>
  );
}

/** "Windows", "Android": what this device may be called until somebody names it better. */
function deviceName(unnamed: string): string {
  const { userAgent } = navigator;
  const systems = ['Android', 'iPhone', 'iPad', 'Windows', 'Macintosh', 'CrOS', 'Linux'];
  const system = systems.find((each) => userAgent.includes(each));
  return system === 'Macintosh' ? 'Mac' : system === 'CrOS' ? 'Chromebook' : (system ?? unnamed);
}
