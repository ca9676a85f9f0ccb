import { apiBase, routeKey, useApi, useFormat } from '@liaison/core/web';
import { DropZone, Progress, Row, Rows, SectionTitle } from '@liaison/ui';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listSent } from '../../contract/index.ts';
import { Trouble } from '../trouble.tsx';
import classes from './link-page.module.css';

interface Sending {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  readonly sent: number;
  readonly error: Error | null;
}

/** Sends into a folder that is not shown; what this visitor sent stands below. */
export function DropBox({ token }: { token: string }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const queries = useQueryClient();
  const [sending, setSending] = useState<readonly Sending[]>([]);
  const counter = useRef(0);
  const sent = useApi(listSent, { params: { token } }, { staleMs: 0 });
  const change = (key: number, what: Partial<Sending> | null): void =>
    setSending((before) =>
      before.flatMap((each) => (each.key !== key ? each : what === null ? [] : { ...each, ...what })),
    );

  async function send(file: File): Promise<void> {
    counter.current += 1;
    const key = counter.current;
    setSending((before) => [...before, { key, name: file.name, bytes: file.size, sent: 0, error: null }]);
    try {
      const { Upload } = await import('tus-js-client');
      await new Promise<void>((resolve, reject) => {
        new Upload(file, {
          endpoint: `${apiBase}/l/${token}/uploads`,
          metadata: { filename: file.name, filetype: file.type },
          retryDelays: [0, 1000, 3000, 10_000],
          // What is here is told by the server; a stranger's browser keeps nothing of it.
          storeFingerprintForResuming: false,
          onProgress: (bytes) => change(key, { sent: bytes }),
          onSuccess: () => resolve(),
          onError: reject,
        }).start();
      });
      await queries.invalidateQueries({ queryKey: routeKey(listSent) });
      change(key, null);
    } catch (error) {
      change(key, { error: error as Error });
    }
  }
  const sendAll = (files: readonly File[]): void => {
    for (const file of files) void send(file);
  };
  const done = sent.data?.rows.filter(({ isWhole }) => isWhole) ?? [];
  return (
    <>
      <DropZone hint={t('visit.send')} choose={t('visit.choose')} multiple onFiles={sendAll} />
      {sending.map((each) =>
        each.error ? (
          <Trouble key={each.key} error={each.error} />
        ) : (
          <Progress
            key={each.key}
            label={each.name}
            value={each.sent / Math.max(1, each.bytes)}
            detail={t('upload.sent', { sent: format.bytes(each.sent), all: format.bytes(each.bytes) })}
          />
        ),
      )}
      {done.length > 0 ? (
        <section className={classes.files}>
          <SectionTitle>{t('visit.sent')}</SectionTitle>
          <Rows label={t('visit.sent')}>
            {done.map((each) => (
              <Row key={each.id} face={<IconCheck />} name={each.name} second={format.bytes(each.bytes)} />
            ))}
          </Rows>
        </section>
      ) : null}
    </>
  );
}
