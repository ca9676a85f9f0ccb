import { Badge, IconButton } from '@liaison/ui';
import { IconBell } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './bell.module.css';
import { useNewsCount } from './state/count.ts';

// The list comes when it is first opened.
const NewsPanel = lazy(() => import('./news-panel.tsx'));

/** What is new, in the top bar: how much needs me, and the list behind it. */
export function Bell() {
  const { t } = useTranslation('notify-nav');
  const { needsMe, unread } = useNewsCount();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const router = useRouter();
  useEffect(() => router.subscribe('onBeforeNavigate', () => setOpened(false)), [router]);
  const says =
    needsMe > 0
      ? t('bell.needsMe', { count: needsMe })
      : unread > 0
        ? t('bell.unread', { count: unread })
        : t('news');
  return (
    <div className={classes.bell}>
      <IconButton
        ref={button}
        aria-label={says}
        aria-haspopup="dialog"
        aria-expanded={opened}
        // The panel closes by itself on a press elsewhere; this button is not elsewhere.
        onMouseDown={(event) => event.stopPropagation()}
        onClick={() => setOpened(!opened)}
      >
        <IconBell size={20} />
      </IconButton>
      <span className={classes.count} aria-hidden="true">
        {needsMe > 0 ? (
          <Badge count={needsMe} />
        ) : unread > 0 ? (
          <span className={classes.dot} data-unread="" />
        ) : null}
      </span>
      {opened ? (
        <Suspense fallback={null}>
          <NewsPanel
            onClose={() => {
              setOpened(false);
              button.current?.focus({ preventScroll: true });
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
