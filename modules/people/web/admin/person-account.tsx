import { Trouble, useAction, useSession } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Dialog,
  Section,
  TextInput,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  countPeople,
  erasePerson,
  getPerson,
  listInvitations,
  listPeople,
  type Person,
  renewInvitation,
  restorePerson,
  revokeSessionsOfPerson,
  suspendPerson,
} from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import classes from './admin.module.css';
import { InvitationLink } from './invitation-link.tsx';

/** The way in, its end for a while, and for good. */
export function AccountSections({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const me = useSession();
  const own = person.id === me.personId;
  return (
    <>
      <Section
        title={t('account.way')}
        why={t(person.status === 'invited' ? 'account.wayInvited' : 'account.wayWhy')}
      >
        <WayIn person={person} />
      </Section>
      {own ? null : (
        <Section title={t('account.end')} why={t('account.endWhy')}>
          <Ends person={person} />
        </Section>
      )}
    </>
  );
}

function WayIn({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const params = { params: { id: person.id } };
  const renew = useAction(renewInvitation, { invalidates: [listInvitations] });
  const cut = useAction(revokeSessionsOfPerson, {
    onDone: ({ revoked }) => toasts.show({ text: t('sessions.endedCount', { count: revoked }) }),
  });
  return (
    <>
      {person.status === 'suspended' ? (
        <p className={classes.text}>{t('account.waySuspended')}</p>
      ) : (
        <Actions>
          <Button variant="default" size="md" loading={renew.isPending} onClick={() => renew.mutate(params)}>
            {t(person.status === 'invited' ? 'account.newInvitation' : 'account.newLink')}
          </Button>
          {person.status === 'active' ? (
            <Button variant="default" size="md" loading={cut.isPending} onClick={() => cut.mutate(params)}>
              {t('account.cut')}
            </Button>
          ) : null}
        </Actions>
      )}
      <Trouble error={renew.error ?? cut.error} />
      {renew.data ? (
        <Dialog
          opened
          onClose={() => renew.reset()}
          title={t('invite.linkFor', { name: person.name })}
          footer={<Button onClick={() => renew.reset()}>{t('invite.close')}</Button>}
        >
          <InvitationLink link={renew.data} />
        </Dialog>
      ) : null}
    </>
  );
}

function Ends({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const [asking, setAsking] = useState<'suspend' | 'erase' | null>(null);
  const stale = [[getPerson, { params: { id: person.id } }] as const, listPeople, countPeople];
  const close = (): void => setAsking(null);
  const suspend = useAction(suspendPerson, {
    invalidates: stale,
    onDone: () => {
      close();
      toasts.show({ text: t('account.suspended', { name: person.name }) });
    },
    onFailed: close,
  });
  const restore = useAction(restorePerson, {
    invalidates: stale,
    onDone: () => toasts.show({ text: t('account.restored', { name: person.name }) }),
  });
  const params = { params: { id: person.id } };
  return (
    <>
      <Trouble error={suspend.error ?? restore.error} />
      <Actions>
        {person.status === 'suspended' ? (
          <Button size="md" loading={restore.isPending} onClick={() => restore.mutate(params)}>
            {t('account.restore')}
          </Button>
        ) : (
          <Button variant="default" size="md" onClick={() => setAsking('suspend')}>
            {t('account.suspend')}
          </Button>
        )}
        <Button variant="default" size="md" className={classes.danger} onClick={() => setAsking('erase')}>
          {t('account.erase')}
        </Button>
      </Actions>
      <ConfirmDialog
        opened={asking === 'suspend'}
        danger
        title={t('account.suspendTitle', { name: person.name })}
        verb={t('account.suspend')}
        busy={suspend.isPending}
        onConfirm={() => suspend.mutate(params)}
        onCancel={close}
      >
        {t('account.suspendWhy')}
      </ConfirmDialog>
      {asking === 'erase' ? <Erase person={person} onClose={close} /> : null}
    </>
  );
}

/** Cannot be taken back, so the address is typed. */
function Erase({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const go = useGo();
  const toasts = useToasts();
  const form = useId();
  const [address, setAddress] = useState('');
  const [checked, setChecked] = useState(false);
  const erase = useAction(erasePerson, {
    invalidates: [listPeople, countPeople],
    onDone: () => {
      toasts.show({ text: t('account.erased', { name: person.name }) });
      go.to('/admin/people');
    },
  });
  const same = address.trim().toLowerCase() === person.address;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (same) erase.mutate({ params: { id: person.id }, body: { address: address.trim() } });
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('account.eraseTitle', { name: person.name })}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button variant="end" type="submit" form={form} loading={erase.isPending}>
            {t('account.eraseVerb')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <p className={classes.text}>{t('account.eraseWhy')}</p>
        <TextInput
          label={t('account.eraseType', { address: person.address })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={checked && !same ? t('account.eraseWrong') : undefined}
          data-autofocus
        />
        <Trouble error={erase.error} />
      </form>
    </Dialog>
  );
}
