import { Trouble, useAction, useApi, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Dialog,
  Progress,
  TextInput,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconDeviceLandlinePhone, IconPlus } from '@tabler/icons-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createDevice, type Device, listDevices, revokeDevice } from '../../contract/index.ts';
import { DeviceSettings } from './device-settings.tsx';
import classes from './settings.module.css';

/** The telephones of a person: last seen, revoke, and one more. */
export function DeviceList({ personId, own }: { personId: string; own?: boolean }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const toasts = useToasts();
  // When one was last seen is no event: it is asked for.
  const labels = useLabels();
  const devices = useApi(listDevices, { query: own ? {} : { personId } }, { everyMs: 30_000 });
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Device | null>(null);
  const revoke = useAction(revokeDevice, {
    invalidates: [listDevices],
    onDone: () => {
      setRevoking(null);
      toasts.show({ text: t('devices.revoked') });
    },
    onFailed: () => setRevoking(null),
  });
  const all = devices.data?.devices;
  return (
    <>
      <Trouble error={devices.error ?? revoke.error} />
      {devices.isPending ? <Progress bare label={labels.loading} /> : null}
      {all && all.length === 0 ? <p className={classes.text}>{t('devices.none')}</p> : null}
      {all && all.length > 0 ? (
        <Things label={t('devices.title')}>
          {all.map((device) => (
            <Thing
              key={device.id}
              icon={<IconDeviceLandlinePhone size={19} />}
              name={device.name}
              second={
                <>
                  {device.lastSeenAt
                    ? t('devices.seen', { when: format.dateTime(device.lastSeenAt) })
                    : t('devices.never')}
                  {device.userAgent ? `, ${device.userAgent}` : ''}
                  <br />
                  {t('devices.username', { username: device.username })}
                </>
              }
              action={
                <Button
                  variant="default"
                  aria-label={t('devices.revokeOf', { name: device.name })}
                  onClick={() => setRevoking(device)}
                >
                  {t('devices.revoke')}
                </Button>
              }
            />
          ))}
        </Things>
      ) : null}
      <Actions>
        <Button
          variant="default"
          size="md"
          leftSection={<IconPlus size={18} />}
          onClick={() => setAdding(true)}
        >
          {t('devices.add')}
        </Button>
      </Actions>
      {adding ? <AddDevice {...(own ? {} : { personId })} onClose={() => setAdding(false)} /> : null}
      <ConfirmDialog
        opened={revoking !== null}
        danger
        title={t('devices.revokeTitle', { name: revoking?.name ?? '' })}
        verb={t('devices.revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate({ params: { id: revoking.id } })}
        onCancel={() => setRevoking(null)}
      >
        {t('devices.revokeWhy')}
      </ConfirmDialog>
    </>
  );
}

function AddDevice({ personId, onClose }: { personId?: string; onClose: () => void }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const form = useId();
  const [name, setName] = useState('');
  const [checked, setChecked] = useState(false);
  const create = useAction(createDevice, { invalidates: [listDevices] });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() !== '') create.mutate({ body: { name, ...(personId ? { personId } : {}) } });
  };
  if (create.data) {
    return (
      <Dialog
        opened
        width={620}
        onClose={onClose}
        title={t('devices.settings', { name: create.data.device.name })}
        footer={<Button onClick={onClose}>{t('devices.typed')}</Button>}
      >
        <DeviceSettings provisioning={create.data} />
      </Dialog>
    );
  }
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('devices.add')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={create.isPending}>
            {t('devices.create')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <TextInput
          label={t('devices.name')}
          description={t('devices.nameHint')}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
          data-autofocus
        />
        <Trouble error={create.error} title={t('devices.notCreated')} />
      </form>
    </Dialog>
  );
}
