import { codeOf, Trouble, UploadZone, useAction, useApi, useLiveEvent, useUpload } from '@liaison/core/web';
import { Actions, Button, PageBody, PageHeader, Progress, Refusal, Section, useLabels } from '@liaison/ui';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  cancelImport,
  commitImport,
  countPeople,
  getImport,
  type Import,
  importColumns,
  listPeople,
  uploadImport,
} from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { saveFile } from '../shared/save-file.ts';
import classes from './admin.module.css';
import { ImportLinks } from './import-links.tsx';
import { RefusedLines } from './refused-lines.tsx';

/** People from a list: the file is validated whole, looked at, and only then worked off. Its address can be left and opened again. */
export function Page() {
  const { t } = useTranslation('people');
  const go = useGo();
  const { importId } = useParams({ strict: false }) as { importId?: string };
  return (
    <>
      <PageHeader title={t('admin.import')} {...(importId ? { onBack: () => go.to('/admin/import') } : {})} />
      <PageBody padded label={t('admin.import')}>
        {importId ? <OneImport key={importId} importId={importId} /> : <Choose />}
      </PageBody>
    </>
  );
}

function Choose() {
  const { t } = useTranslation('people');
  const go = useGo();
  const uploading = useUpload(uploadImport, ({ id }) => go.to(`/admin/import/${id}`), { type: 'text/csv' });
  const example = `${importColumns.join(',')}\r\n`;
  return (
    <>
      <Section title={t('import.file')} why={t('import.fileWhy')}>
        <UploadZone
          hint={t('import.drop')}
          choose={t('import.choose')}
          icon={<IconFileSpreadsheet size={30} aria-hidden="true" />}
          accept=".csv,.txt,.tsv,text/csv"
          uploading={uploading}
          refused={t('import.refused')}
          onFile={(file) => void uploading.send({ query: { fileName: file.name.slice(0, 200) } }, file)}
        />
      </Section>
      <Section title={t('import.columns')} why={t('import.columnsWhy')}>
        <p className={classes.columns}>
          {importColumns.map((column) => (
            <code key={column}>{column}</code>
          ))}
        </p>
        <p className={classes.text}>{t('import.columnsHow')}</p>
        <Actions>
          <Button variant="default" onClick={() => saveFile('people.csv', example, 'text/csv')}>
            {t('import.example')}
          </Button>
        </Actions>
      </Section>
    </>
  );
}

interface Live {
  readonly phase: 'checking' | 'creating';
  readonly done: number;
  readonly total: number;
}

function OneImport({ importId }: { importId: string }) {
  const { t } = useTranslation('people');
  const [live, setLive] = useState<Live | null>(null);
  const params = { params: { id: importId } };
  const labels = useLabels();
  const found = useApi(getImport, params);
  // Events tell the progress; asking as well brings the page back to it after a reload or a lost connection.
  const moving = found.data?.state === 'checking' || found.data?.state === 'running';
  useApi(getImport, params, { enabled: moving, everyMs: 2_000 });
  useLiveEvent<{
    importId: string;
    phase?: Live['phase'];
    done: number;
    total: number;
    finished: boolean;
  }>('people.import-progressed', ({ data }) => {
    if (data.importId !== importId) return;
    setLive({ phase: data.phase ?? 'creating', done: data.done, total: data.total });
    if (data.finished) void found.refetch();
  });
  if (found.error && codeOf(found.error) === 'not-found') {
    return (
      <Refusal
        title={t('import.missing')}
        actions={<Button href="/admin/import">{t('import.another')}</Button>}
      >
        {t('import.missingWhy')}
      </Refusal>
    );
  }
  if (found.isPending) return <Progress bare label={labels.loading} />;
  if (!found.data) return <Trouble error={found.error} />;
  return <ImportState now={found.data} live={live} />;
}

function ImportState({ now, live }: { now: Import; live: Live | null }) {
  const { t } = useTranslation('people');
  const go = useGo();
  const params = { params: { id: now.id } };
  const commit = useAction(commitImport, {
    invalidates: [[getImport, params], listPeople, countPeople],
  });
  const cancel = useAction(cancelImport, { onDone: () => go.to('/admin/import') });
  const told = (phase: Live['phase']): number => (live?.phase === phase ? live.done : 0);
  const done = Math.max(now.done, told('creating'));
  const checked = Math.max(now.checked, told('checking'));
  return (
    <>
      <Section title={now.fileName} why={t(`import.state.${now.state}`)}>
        <dl className={classes.numbers}>
          <div>
            <dt>{t('import.lines')}</dt>
            <dd>{now.lines}</dd>
          </div>
          <div>
            <dt>{t('import.accepted')}</dt>
            <dd>{now.accepted}</dd>
          </div>
          <div>
            <dt>{t('import.refusedLines')}</dt>
            <dd>{now.refused}</dd>
          </div>
          {now.state === 'done' || now.state === 'running' ? (
            <div>
              <dt>{t('import.created')}</dt>
              <dd>{now.created}</dd>
            </div>
          ) : null}
        </dl>
        {now.state === 'checking' ? (
          <Progress
            label={t('import.checking')}
            value={checked / now.lines}
            detail={t('import.progress', { done: checked, total: now.lines })}
          />
        ) : null}
        {now.state === 'running' ? (
          <Progress
            label={t('import.running')}
            value={now.accepted === 0 ? 1 : done / now.accepted}
            detail={t('import.progress', { done, total: now.accepted })}
          />
        ) : null}
        <Trouble error={commit.error ?? cancel.error} />
        <Actions>
          {now.state === 'validated' && now.accepted > 0 ? (
            <Button size="md" loading={commit.isPending} onClick={() => commit.mutate(params)}>
              {t('import.commit', { count: now.accepted })}
            </Button>
          ) : null}
          {now.state === 'validated' || now.state === 'checking' ? (
            <Button
              variant="default"
              size="md"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(params)}
            >
              {t(now.state === 'checking' ? 'import.stop' : 'import.cancel')}
            </Button>
          ) : null}
          {now.state === 'done' ? <ImportLinks importId={now.id} /> : null}
          {now.state === 'done' || now.state === 'cancelled' ? (
            <Button variant="default" size="md" href="/admin/import">
              {t('import.again')}
            </Button>
          ) : null}
        </Actions>
      </Section>
      {now.refused > 0 ? (
        <Section title={t('import.report')} why={t('import.reportWhy')}>
          <RefusedLines importId={now.id} fileName={now.fileName} />
        </Section>
      ) : null}
    </>
  );
}
