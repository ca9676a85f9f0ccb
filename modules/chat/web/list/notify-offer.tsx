import { Button } from '@liaison/ui';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import classes from '../chat.module.css';
import { useChat } from '../state/chat-provider.tsx';
import { canNotify, notifyChoice, switchNotifications } from '../state/notifications.ts';

/** After the first message of this page, once: whether to be told while the page is hidden. Never at load. */
export function NotifyOffer() {
  const { t } = useTranslation('chat');
  const chat = useChat();
  const wrote = useSyncExternalStore(chat.onWrote, () => chat.wrote);
  const [chosen, setChosen] = useState(() => notifyChoice() !== null);
  if (!wrote || chosen || !canNotify()) return null;
  const choose = (on: boolean): void => {
    void switchNotifications(on).finally(() => setChosen(true));
  };
  return (
    <section className={classes.offer} aria-label={t('notify.offer')}>
      <p>{t('notify.offer')}</p>
      <div>
        <Button variant="default" onClick={() => choose(true)}>
          {t('notify.yes')}
        </Button>
        <Button variant="subtle" onClick={() => choose(false)}>
          {t('notify.no')}
        </Button>
      </div>
    </section>
  );
}
