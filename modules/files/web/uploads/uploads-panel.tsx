import { useFormat } from '@liaison/core/web';
import { Button, IconButton, Progress, useToasts } from '@liaison/ui';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconUpload, IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from '../files.module.css';
import { useTroubleText } from '../trouble.tsx';
import type { ShownUpload, UploadQueue, UploadState } from './upload-queue.ts';
import { useUploads } from './uploads-provider.tsx';

/** Of 10,000 files nobody reads more; what went wrong stands first. */
const mostRows = 100;

/** What is on its way, with what can be done about it. Nothing while nothing is. */
export function UploadsPanel() {
  const { t } = useTranslation('files');
  const format = useFormat();
  const { queue, uploads } = useUploads();
  if (!queue || uploads.length === 0) return null;
  const open = uploads.filter(({ state }) => state !== 'done');
  const keysOf = (...states: readonly UploadState[]): string[] =>
    open.filter(({ state }) => states.includes(state)).map(({ key }) => key);
  const going = keysOf('running', 'waiting');
  const stopped = keysOf('paused', 'failed');
  const troubled = open.filter(({ state }) => state === 'failed' || state === 'missing');
  const others = open.filter(({ state }) => state !== 'failed' && state !== 'missing');
  const bytes = uploads.reduce((sum, each) => sum + each.bytes, 0);
  const sent = uploads.reduce((sum, each) => sum + each.sent, 0);
  return (
    <section className={classes.uploads} aria-label={t('upload.panel')}>
      <div className={classes.uploadsHead}>
        <h2 aria-live="polite">
          {open.length === 0
            ? t('upload.allDone', { count: uploads.length })
            : t('upload.left', { count: open.length })}
        </h2>
        {open.length > 1 && going.length > 0 ? (
          <Button variant="subtle" onClick={() => queue.pause(...going)}>
            {t('upload.pauseAll')}
          </Button>
        ) : null}
        {open.length > 1 && going.length === 0 && stopped.length > 0 ? (
          <Button variant="subtle" onClick={() => queue.resume(...stopped)}>
            {t('upload.resumeAll')}
          </Button>
        ) : null}
        {open.length > 1 ? (
          <Button variant="subtle" onClick={() => queue.cancel(...open.map(({ key }) => key))}>
            {t('upload.cancelAll')}
          </Button>
        ) : null}
        {open.length < uploads.length ? (
          <Button variant="subtle" onClick={queue.clear}>
            {t('upload.clear')}
          </Button>
        ) : null}
      </div>
      {open.length > 1 ? (
        <div className={classes.upload}>
          <div className={classes.uploadWords}>
            <Progress
              label={t('upload.sum')}
              value={bytes === 0 ? 0 : sent / bytes}
              detail={t('upload.sent', { sent: format.bytes(sent), all: format.bytes(bytes) })}
            />
          </div>
        </div>
      ) : null}
      {[...troubled, ...others].slice(0, mostRows).map((upload) => (
        <UploadRow key={upload.key} upload={upload} queue={queue} />
      ))}
    </section>
  );
}

function UploadRow({ upload, queue }: { upload: ShownUpload; queue: UploadQueue }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const trouble = useTroubleText();
  const toasts = useToasts();
  const field = useRef<HTMLInputElement>(null);
  const { key, name, bytes, sent, state, error } = upload;
  return (
    <div className={classes.upload}>
      <div className={classes.uploadWords}>
        {state === 'failed' || state === 'missing' ? (
          <>
            <div className={classes.uploadName}>{name}</div>
            <div className={state === 'failed' ? classes.uploadFault : undefined}>
              {state === 'failed' ? trouble(error) : t('upload.missing')}
            </div>
          </>
        ) : (
          <Progress
            label={name}
            value={bytes === 0 ? 0 : sent / bytes}
            detail={
              state === 'paused'
                ? t('upload.paused')
                : t('upload.sent', { sent: format.bytes(sent), all: format.bytes(bytes) })
            }
          />
        )}
      </div>
      {state === 'running' || state === 'waiting' ? (
        <IconButton aria-label={t('upload.pause', { name })} onClick={() => queue.pause(key)}>
          <IconPlayerPause size={18} />
        </IconButton>
      ) : null}
      {state === 'paused' ? (
        <IconButton aria-label={t('upload.resume', { name })} onClick={() => queue.resume(key)}>
          <IconPlayerPlay size={18} />
        </IconButton>
      ) : null}
      {state === 'failed' ? (
        <IconButton aria-label={t('upload.retry', { name })} onClick={() => queue.resume(key)}>
          <IconRefresh size={18} />
        </IconButton>
      ) : null}
      {state === 'missing' ? (
        <>
          <IconButton aria-label={t('upload.choose', { name })} onClick={() => field.current?.click()}>
            <IconUpload size={18} />
          </IconButton>
          <input
            ref={field}
            type="file"
            hidden
            aria-label={t('upload.choose', { name })}
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file && !queue.give(key, file)) toasts.show({ tone: 'danger', text: t('upload.another') });
            }}
          />
        </>
      ) : null}
      <IconButton aria-label={t('upload.cancel', { name })} onClick={() => queue.cancel(key)}>
        <IconX size={18} />
      </IconButton>
    </div>
  );
}
