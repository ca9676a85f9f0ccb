import {
  routeUrl,
  Trouble,
  UploadZone,
  useAction,
  useApi,
  useLiveEvent,
  usePageTitle,
  useUpload,
} from '@liaison/core/web';
import { Button, PageBody, PageHeader, Progress, Refusal, Select } from '@liaison/ui';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Book,
  type ContactImport,
  type CsvField,
  csvFields,
  type DuplicateChoice,
  duplicateChoices,
  exportBook,
  exportFormats,
  getContactImport,
  importProgressed,
  listRunningContactImports,
  startContactImport,
  stopContactImport,
  uploadContacts,
} from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { RecentImports } from './recent-imports.tsx';

/** A file that was dropped on the list, and brought its owner here. */
interface FirstFile {
  first: File | null;
  onFirstTaken: () => void;
}

/** Cards in and out: a vCard or CSV file is looked at before anything is added; a book goes out as a file. */
export default function ImportPage({
  books,
  all,
  ...first
}: {
  books: readonly Book[];
  all: readonly Book[];
} & FirstFile) {
  const { t } = useTranslation('contacts');
  const [chosen, setChosen] = useState<string | null>(null);
  /** Null: none, until a file is sent; undefined: the one that goes on since before this page, if there is one. */
  const [importId, setImportId] = useState<string | null | undefined>();
  const running = useApi(listRunningContactImports, {}, { staleMs: 0 });
  const [found] = (running.isFetchedAfterMount && running.data?.rows) || [];
  if (first.first) {
    if (importId !== null) setImportId(null);
  } else if (importId === undefined && found) {
    // Kept from then on: how it ended is shown too.
    setImportId(found.id);
    setChosen(found.bookId);
  }
  usePageTitle(t('import.title'));
  const bookId = chosen ?? books.find(({ kind }) => kind === 'personal')?.id ?? books[0]?.id;
  if (bookId === undefined) {
    return (
      <>
        <PageHeader title={t('import.title')} />
        {books.length === 0 && all.length > 0 ? (
          <Refusal title={t('new.nowhere')} actions={<Button href="/contacts">{t('missing.toAll')}</Button>}>
            {t('new.nowhereWhy')}
          </Refusal>
        ) : null}
      </>
    );
  }
  return (
    <>
      <PageHeader title={t('import.title')} />
      <PageBody label={t('import.title')}>
        <div className={`${classes.narrowPage} ${classes.stack}`}>
          <Select
            label={t('field.book')}
            data={books.map((book) => ({ value: book.id, label: book.name || t('scope.own') }))}
            value={bookId}
            onChange={setChosen}
            allowDeselect={false}
            disabled={Boolean(importId)}
          />
          {importId ? (
            <Imported key={importId} importId={importId} onAgain={() => setImportId(null)} />
          ) : !running.isFetchedAfterMount ? (
            <Progress bare label={t('loading')} />
          ) : (
            <ChooseFile bookId={bookId} onSent={setImportId} {...first} />
          )}
          <RecentImports />
          <section aria-label={t('export.title')}>
            <h2>{t('export.title')}</h2>
            <p className={classes.quiet}>{t('export.why')}</p>
            <div className={classes.exports}>
              {exportFormats.map((format) => (
                <Button
                  key={format}
                  variant="default"
                  onClick={() =>
                    window.location.assign(routeUrl(exportBook, { params: { bookId }, query: { format } }))
                  }
                >
                  {t(`export.${format}`)}
                </Button>
              ))}
            </div>
          </section>
        </div>
      </PageBody>
    </>
  );
}

function ChooseFile({
  bookId,
  onSent,
  first,
  onFirstTaken,
}: {
  bookId: string;
  onSent: (importId: string) => void;
} & FirstFile) {
  const { t } = useTranslation('contacts');
  const uploading = useUpload(uploadContacts, ({ id }) => onSent(id));
  const send = (file: File): void =>
    void uploading.send({ params: { bookId }, query: { fileName: file.name.slice(0, 255) } }, file);
  const onFirst = useEffectEvent((file: File) => {
    onFirstTaken();
    send(file);
  });
  useEffect(() => {
    if (first) onFirst(first);
  }, [first]);
  return (
    <UploadZone
      hint={t('import.drop')}
      choose={t('import.choose')}
      note={t('import.kinds')}
      accept=".vcf,.vcard,.csv,.tsv,.txt,text/vcard,text/csv"
      uploading={uploading}
      onFile={send}
    />
  );
}

/** What is in the file, and how far it is taken. */
function Imported({ importId, onAgain }: { importId: string; onAgain: () => void }) {
  const { t } = useTranslation('contacts');
  const args = { params: { importId } };
  const state = useApi(getContactImport, args, { staleMs: 0 });
  const [fields, setFields] = useState<readonly CsvField[] | null>(null);
  const [duplicates, setDuplicates] = useState<DuplicateChoice>('skip');
  useLiveEvent(importProgressed, ({ data }) => {
    if (data.importId === importId) void state.refetch();
  });
  const start = useAction(startContactImport, { invalidates: [[getContactImport, args]] });
  const stop = useAction(stopContactImport, { invalidates: [[getContactImport, args]] });
  const data = state.data;
  if (!data) return state.error ? <Trouble error={state.error} /> : <Progress bare label={t('loading')} />;
  const meant = fields ?? data.columns.map(({ field }) => field);
  return (
    <section className={classes.stack} aria-label={data.fileName}>
      <h2>{t('import.file', { name: data.fileName })}</h2>
      {data.state === 'ready' ? (
        <>
          <p>{t('import.found', { count: data.total })}</p>
          {data.columns.length > 0 ? (
            <Columns data={data} fields={meant} onChange={setFields} />
          ) : (
            <Preview data={data} />
          )}
          <Select
            label={t('import.duplicates.label')}
            data={duplicateChoices.map((choice) => ({
              value: choice,
              label: t(`import.duplicates.${choice}`),
            }))}
            value={duplicates}
            onChange={(choice) => setDuplicates(choice as DuplicateChoice)}
            allowDeselect={false}
          />
        </>
      ) : (
        <>
          <Progress
            label={t(`import.state.${data.state}`)}
            value={data.total === 0 ? 1 : data.done / data.total}
            detail={t('import.progress', { done: data.done, total: data.total })}
          />
          <p role="status">
            {t('import.added', { count: data.added })}
            {data.merged > 0 ? ` ${t('import.merged', { count: data.merged })}` : null}
            {data.skipped > 0 ? ` ${t('import.skipped', { count: data.skipped })}` : null}
          </p>
        </>
      )}
      <Faults data={data} />
      <Trouble error={start.error ?? stop.error ?? state.error} />
      <div className={classes.formVerbs}>
        {data.state === 'ready' && data.total > 0 ? (
          <Button
            loading={start.isPending}
            onClick={() =>
              start.mutate({
                ...args,
                body: { duplicates, ...(data.columns.length > 0 ? { fields: [...meant] } : {}) },
              })
            }
          >
            {t('import.start', { count: data.total })}
          </Button>
        ) : null}
        {data.state === 'stopped' || data.state === 'failed' ? (
          <Button loading={start.isPending} onClick={() => start.mutate({ ...args, body: { duplicates } })}>
            {t('import.goOn')}
          </Button>
        ) : null}
        {data.state === 'running' ? (
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate(args)}>
            {t('import.stop')}
          </Button>
        ) : (
          <Button variant="default" onClick={onAgain}>
            {t('import.another')}
          </Button>
        )}
        {data.state === 'done' ? <Button href="/contacts">{t('import.toList')}</Button> : null}
      </div>
    </section>
  );
}

function Preview({ data }: { data: ContactImport }) {
  const { t } = useTranslation('contacts');
  if (data.preview.length === 0) return null;
  return (
    <div className={classes.tableWrap}>
      <table className={classes.preview}>
        <thead>
          <tr>
            <th scope="col">{t('field.name')}</th>
            <th scope="col">{t('field.organisation')}</th>
            <th scope="col">{t('field.number')}</th>
            <th scope="col">{t('field.email')}</th>
          </tr>
        </thead>
        <tbody>
          {data.preview.map((card) => (
            <tr key={card.line}>
              <td>{card.name}</td>
              <td>{card.organisation}</td>
              <td>{card.number}</td>
              <td>{card.email}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What each column of a table means; guessed, and to be set right. */
function Columns({
  data,
  fields,
  onChange,
}: {
  data: ContactImport;
  fields: readonly CsvField[];
  onChange: (fields: readonly CsvField[]) => void;
}) {
  const { t } = useTranslation('contacts');
  return (
    <div className={classes.tableWrap}>
      <table className={classes.preview}>
        <thead>
          <tr>
            <th scope="col">{t('import.column')}</th>
            <th scope="col">{t('import.example')}</th>
            <th scope="col">{t('import.meaning')}</th>
          </tr>
        </thead>
        <tbody>
          {data.columns.map((column, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place, and two may have the same heading
            <tr key={at}>
              <td>{column.heading}</td>
              <td>{column.example}</td>
              <td>
                <Select
                  aria-label={t('import.meaningOf', { column: column.heading })}
                  data={csvFields.map((field) => ({ value: field, label: t(`csv.${field}`) }))}
                  value={fields[at] ?? 'skip'}
                  onChange={(field) =>
                    onChange(fields.map((each, place) => (place === at ? (field as CsvField) : each)))
                  }
                  allowDeselect={false}
                  searchable
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Faults({ data }: { data: ContactImport }) {
  const { t } = useTranslation('contacts');
  if (data.faultCount === 0) return null;
  return (
    <div>
      <p>{t('import.faults', { count: data.faultCount })}</p>
      <ul className={classes.faults}>
        {data.faults.slice(0, 20).map((fault) => (
          <li key={`${fault.line} ${fault.code} ${fault.detail}`}>
            {t('import.line', {
              line: fault.line,
              what: t(`import.fault.${fault.code}`),
              detail: fault.detail,
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}
