import {
  Slot,
  shellNotices,
  useConnection,
  useFormat,
  useLive,
  useLostSince,
  useNewBuild,
  useReloadHeld,
} from '@liaison/core/web';
import { Button, Notice, useToasts } from '@liaison/ui';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** Bands over the page, and the quiet offer of a newer build. */
export function Notices() {
  const { t } = useTranslation('shell');
  const live = useLive();
  const connection = useConnection();
  const lostSince = useLostSince();
  const format = useFormat();
  useNewerOffer();
  return (
    <>
      {connection.status === 'ended' && connection.why === 'reload' ? (
        <Notice
          title={t('newer.must')}
          action={
            <Button variant="default" onClick={() => location.reload()}>
              {t('newer.reload')}
            </Button>
          }
        />
      ) : null}
      {lostSince ? (
        <Notice
          title={t('lost.title', { time: format.time(lostSince) })}
          action={
            <Button variant="default" onClick={() => live.nudge()}>
              {t('lost.retry')}
            </Button>
          }
        >
          {t('lost.kept')}
        </Notice>
      ) : null}
      <Slot slot={shellNotices} />
    </>
  );
}

/** Offers a reload when the server runs a newer build, and takes the offer back while a call runs or words wait. */
function useNewerOffer(): void {
  const { t } = useTranslation('shell');
  const newer = useNewBuild();
  const held = useReloadHeld();
  const { show, hide } = useToasts();
  useEffect(() => {
    if (!newer || held) return;
    const id = show({
      id: 'newer-build',
      text: `${t('newer.title')} ${t('newer.why')}`,
      action: { label: t('newer.reload'), onSelect: () => location.reload() },
      durationMs: 0,
    });
    return () => hide(id);
  }, [newer, held, show, hide, t]);
}
