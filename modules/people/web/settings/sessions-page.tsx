import { Trouble, useAction, useApi, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Progress,
  Section,
  Tag,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listSessions, revokeOtherSessions, revokeSession } from '../../contract/index.ts';
import { SettingsPage } from './settings-page.tsx';

const pocket = new Set(['Android', 'iOS', 'iPadOS']);

/** Where I am signed in. */
export function Page() {
  const { t } = useTranslation('people');
  const format = useFormat();
  const toasts = useToasts();
  const labels = useLabels();
  const sessions = useApi(listSessions, {}, { everyMs: 60_000 });
  const [asking, setAsking] = useState(false);
  const revoke = useAction(revokeSession, {
    invalidates: [listSessions],
    onDone: () => toasts.show({ text: t('sessions.ended') }),
  });
  const revokeOthers = useAction(revokeOtherSessions, {
    invalidates: [listSessions],
    onDone: ({ revoked }) => {
      setAsking(false);
      toasts.show({ text: t('sessions.endedCount', { count: revoked }) });
    },
    onFailed: () => setAsking(false),
  });
  const all = sessions.data?.sessions ?? [];
  return (
    <SettingsPage title={t('settings.sessions')} meta={t('sessions.meta')}>
      <Section title={t('sessions.title')} why={t('sessions.why')}>
        <Trouble error={sessions.error ?? revoke.error ?? revokeOthers.error} />
        {sessions.isPending ? <Progress bare label={labels.loading} /> : null}
        <Things label={t('sessions.title')}>
          {all.map((session) => {
            const name =
              [session.browser, session.system].filter(Boolean).join(', ') || t('sessions.unknown');
            return (
              <Thing
                key={session.id}
                icon={
                  pocket.has(session.system ?? '') ? (
                    <IconDeviceMobile size={19} />
                  ) : (
                    <IconDeviceDesktop size={19} />
                  )
                }
                name={
                  <>
                    {name}
                    {session.current ? <Tag tone="accent">{t('sessions.this')}</Tag> : null}
                  </>
                }
                second={
                  <>
                    {t('sessions.since', { when: format.dateTime(session.signedInAt) })}
                    <br />
                    {t('sessions.seen', {
                      when: format.dateTime(session.lastSeenAt),
                      ip: session.ip ?? t('sessions.noIp'),
                    })}
                  </>
                }
                action={
                  session.current ? undefined : (
                    <Button
                      variant="default"
                      aria-label={t('sessions.endOf', { name })}
                      loading={revoke.isPending && revoke.variables?.params.id === session.id}
                      onClick={() => revoke.mutate({ params: { id: session.id } })}
                    >
                      {t('sessions.end')}
                    </Button>
                  )
                }
              />
            );
          })}
        </Things>
        {all.length > 1 ? (
          <Actions>
            <Button variant="default" size="md" onClick={() => setAsking(true)}>
              {t('sessions.endOthers')}
            </Button>
          </Actions>
        ) : null}
      </Section>
      <ConfirmDialog
        opened={asking}
        title={t('sessions.endOthersTitle')}
        verb={t('sessions.endOthers')}
        busy={revokeOthers.isPending}
        onConfirm={() => revokeOthers.mutate({})}
        onCancel={() => setAsking(false)}
      >
        {t('sessions.endOthersWhy')}
      </ConfirmDialog>
    </SettingsPage>
  );
}
