import { invalidate, Trouble, useAction, useApi, useFormat, useSession } from '@liaison/core/web';
import { Actions, Button, ErrorNote, Section, Tag, Thing, Things, useToasts } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readPush, type Subscription, tryPush, unsubscribe } from '../../contract/index.ts';
import { pushState, switchPushOff, switchPushOn } from '../state/push.ts';
import classes from './settings.module.css';

/** Whether this browser is pushed to while its page is closed, and which others of mine are. */
export function Browsers() {
  const { t } = useTranslation('notify');
  const { data, error } = useApi(readPush);
  const subscriptions = data?.subscriptions ?? [];
  return (
    <>
      <Section title={t('push.title')} why={t('push.why')}>
        <Trouble error={error} />
        {data ? (
          <ThisBrowser publicKey={data.publicKey} mine={subscriptions.find(({ isMine }) => isMine)} />
        ) : null}
      </Section>
      {subscriptions.length > 0 ? (
        <Section title={t('push.browsers')} why={t('push.browsersWhy')}>
          <Things label={t('push.browsers')}>
            {subscriptions.map((each) => (
              <OneBrowser key={each.id} subscription={each} />
            ))}
          </Things>
        </Section>
      ) : null}
    </>
  );
}

function ThisBrowser({ publicKey, mine }: { publicKey: string; mine: Subscription | undefined }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const { personId } = useSession();
  const [state, setState] = useState(pushState);
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = useAction(unsubscribe, { invalidates: [readPush] });
  const act = async (what: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setFailed(false);
    setError(null);
    try {
      await what();
    } catch (caught) {
      // Not ours: the browser, or its push service, says no without saying why.
      if (caught instanceof DOMException || (caught instanceof Error && caught.name === 'Error'))
        setFailed(true);
      else setError(caught);
    } finally {
      setState(pushState());
      setBusy(false);
      void invalidate(client, [readPush]);
    }
  };
  if (state !== 'allowed' && state !== 'not-asked') {
    return (
      <ErrorNote tone="plain" title={t(`push.cannot.${state}`)}>
        {t(`push.cannotWhy.${state}`)}
      </ErrorNote>
    );
  }
  return (
    <>
      <p className={classes.plain}>{t(mine ? 'push.isOn' : 'push.isOff')}</p>
      {hasFailed ? <ErrorNote title={t('push.failed')}>{t('push.failedWhy')}</ErrorNote> : null}
      <Trouble error={error ?? end.error} />
      <Actions>
        {mine ? (
          <Button
            variant="default"
            size="md"
            loading={isBusy}
            onClick={() =>
              void act(async () => {
                await end.mutateAsync({ params: { subscriptionId: mine.id } });
                await switchPushOff();
              })
            }
          >
            {t('push.switchOff')}
          </Button>
        ) : (
          <Button
            variant="filled"
            size="md"
            loading={isBusy}
            onClick={() => void act(() => switchPushOn(personId, publicKey))}
          >
            {t('push.switchOn')}
          </Button>
        )}
      </Actions>
    </>
  );
}

function OneBrowser({ subscription }: { subscription: Subscription }) {
  const { t } = useTranslation('notify');
  const format = useFormat();
  const toasts = useToasts();
  const end = useAction(unsubscribe, { invalidates: [readPush] });
  const test = useAction(tryPush, {
    invalidates: [readPush],
    onDone: ({ outcome }) =>
      toasts.show({ text: t(`push.tried.${outcome}`), tone: outcome === 'sent' ? 'plain' : 'danger' }),
  });
  const { id, name, isMine, createdAt, lastPushedAt } = subscription;
  return (
    <Thing
      wraps
      name={
        <>
          {name}
          {isMine ? <Tag tone="accent">{t('push.this')}</Tag> : null}
        </>
      }
      second={
        <>
          {lastPushedAt
            ? t('push.last', { when: format.dateTime(lastPushedAt) })
            : t('push.since', { when: format.dateTime(createdAt) })}
          <Trouble error={end.error ?? test.error} />
        </>
      }
      action={
        <Actions>
          <Button
            variant="default"
            aria-label={t('push.tryOf', { name })}
            loading={test.isPending}
            onClick={() => test.mutate({ params: { subscriptionId: id } })}
          >
            {t('push.try')}
          </Button>
          <Button
            variant="subtle"
            aria-label={t('push.removeOf', { name })}
            loading={end.isPending}
            onClick={() => {
              // Its own part in this browser ends with it; elsewhere the push service is told nothing more.
              if (isMine) void switchPushOff().catch(() => {});
              end.mutate({ params: { subscriptionId: id } });
            }}
          >
            {t('push.remove')}
          </Button>
        </Actions>
      }
    />
  );
}
