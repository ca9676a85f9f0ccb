import { Trouble, useAction, useApiPages, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Dialog,
  Empty,
  PageBody,
  PageHeader,
  Progress,
  Segments,
  Tag,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconMail, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  countPeople,
  type Invitation,
  listInvitations,
  listPeople,
  renewInvitation,
  revokeInvitation,
} from '../../contract/index.ts';
import classes from './admin.module.css';
import { InvitationLink } from './invitation-link.tsx';

type Part = 'open' | 'all';
const tones = { open: 'accent', accepted: 'free', expired: 'warn', revoked: 'plain' } as const;

/** Who is invited and has not come yet. */
export function Page() {
  const { t } = useTranslation('people');
  const format = useFormat();
  const toasts = useToasts();
  const [part, setPart] = useState<Part>('open');
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const labels = useLabels();
  const invitations = useApiPages(listInvitations, { query: { state: part, limit: 50 } });
  const renew = useAction(renewInvitation, { invalidates: [listInvitations] });
  const revoke = useAction(revokeInvitation, {
    invalidates: [listInvitations, listPeople, countPeople],
    onDone: () => {
      setRevoking(null);
      toasts.show({ text: t('invitation.revoked') });
    },
    onFailed: () => setRevoking(null),
  });
  const { rows } = invitations;
  return (
    <>
      <PageHeader
        title={t('admin.invitations')}
        meta={t('invitation.meta')}
        actions={<Button href="/admin/people?add=1">{t('invite.verb')}</Button>}
      />
      <div className={classes.tools}>
        <Segments<Part>
          label={t('admin.invitations')}
          items={[
            { id: 'open', label: t('invitation.open') },
            { id: 'all', label: t('invitation.all') },
          ]}
          value={part}
          onChange={setPart}
        />
      </div>
      <PageBody label={t('admin.invitations')}>
        <div className={classes.pad}>
          <Trouble error={invitations.error ?? renew.error ?? revoke.error} />
          {invitations.isPending ? <Progress bare label={labels.loading} /> : null}
          {rows && rows.length === 0 ? (
            <Empty title={t('invitation.none')}>{t('invitation.noneHow')}</Empty>
          ) : (
            <Things label={t('admin.invitations')}>
              {(rows ?? []).map((invitation) => (
                <Thing
                  key={invitation.id}
                  wraps
                  icon={invitation.purpose === 'renew' ? <IconRefresh size={19} /> : <IconMail size={19} />}
                  name={
                    <>
                      {invitation.person.name}
                      <Tag tone={tones[invitation.state]}>{t(`invitation.state.${invitation.state}`)}</Tag>
                    </>
                  }
                  second={
                    <>
                      {invitation.person.address}
                      {', '}
                      {t('invitation.until', { when: format.dateTime(invitation.expiresAt) })}
                    </>
                  }
                  action={
                    invitation.state === 'open' || invitation.state === 'expired' ? (
                      <Actions>
                        <Button
                          variant="default"
                          aria-label={t('invitation.renewOf', { name: invitation.person.name })}
                          onClick={() => renew.mutate({ params: { id: invitation.person.id } })}
                        >
                          {t('invitation.renew')}
                        </Button>
                        <Button
                          variant="subtle"
                          aria-label={t('invitation.revokeOf', { name: invitation.person.name })}
                          onClick={() => setRevoking(invitation)}
                        >
                          {t('invitation.revoke')}
                        </Button>
                      </Actions>
                    ) : undefined
                  }
                />
              ))}
            </Things>
          )}
        </div>
        {invitations.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={invitations.isFetchingNextPage}
              onClick={() => void invitations.fetchNextPage()}
            >
              {t('more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
      {renew.data ? (
        <Dialog
          opened
          onClose={() => renew.reset()}
          title={t('invite.linkFor', { name: renew.data.invitation.person.name })}
          footer={<Button onClick={() => renew.reset()}>{t('invite.close')}</Button>}
        >
          <InvitationLink link={renew.data} />
        </Dialog>
      ) : null}
      <ConfirmDialog
        opened={revoking !== null}
        danger
        title={t('invitation.revokeTitle', { name: revoking?.person.name ?? '' })}
        verb={t('invitation.revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate({ params: { id: revoking.id } })}
        onCancel={() => setRevoking(null)}
      >
        {t('invitation.revokeWhy')}
      </ConfirmDialog>
    </>
  );
}
