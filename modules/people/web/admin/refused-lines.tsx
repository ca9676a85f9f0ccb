import { api, Trouble, useApiPages } from '@liaison/core/web';
import { Actions, Button, type Column, Table } from '@liaison/ui';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listRefusedLines, type RefusedLine } from '../../contract/index.ts';
import { csvLine, saveFile } from '../shared/save-file.ts';
import classes from './admin.module.css';

/** The lines of a file that were refused, each with its reason, on screen and as a file. */
export function RefusedLines({ importId, fileName }: { importId: string; fileName: string }) {
  const { t } = useTranslation('people');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = useApiPages(listRefusedLines, { params: { id: importId }, query: { limit: 100 } });
  const reasonOf = (line: RefusedLine): string => t(`import.reason.${line.code}`);
  const columns: readonly Column<RefusedLine>[] = [
    { id: 'line', title: t('column.line'), width: '72px', align: 'end', cell: (line) => line.line },
    {
      id: 'column',
      title: t('column.column'),
      width: '110px',
      wide: true,
      cell: (line) => (line.column ? <code className={classes.mono}>{line.column}</code> : ''),
    },
    { id: 'value', title: t('column.value'), cell: (line) => line.value },
    {
      id: 'why',
      title: t('column.why'),
      cell: (line) => (
        <span className={classes.whole} title={line.message}>
          {reasonOf(line)}
        </span>
      ),
    },
  ];
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      let text = csvLine([t('column.line'), t('column.column'), t('column.value'), t('column.why')]);
      let cursor: string | null = null;
      do {
        const page: { rows: readonly RefusedLine[]; next: string | null } = await api(listRefusedLines, {
          params: { id: importId },
          query: { limit: 100, ...(cursor ? { cursor } : {}) },
        });
        for (const line of page.rows) {
          text += csvLine([line.line, line.column ?? '', line.value, `${reasonOf(line)} ${line.message}`]);
        }
        cursor = page.next;
      } while (cursor);
      // A byte order mark: without it spreadsheets read UTF-8 as something else.
      saveFile(`refused-${fileName.replace(/\.\w+$/, '')}.csv`, `\uFEFF${text}`, 'text/csv');
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Actions>
        <Button
          variant="default"
          leftSection={<IconDownload size={17} />}
          loading={busy}
          onClick={() => void save()}
        >
          {t('import.saveReport')}
        </Button>
      </Actions>
      <Trouble error={error ?? refused.error} />
      <Table
        label={t('import.report')}
        columns={columns}
        items={refused.rows ?? []}
        idOf={(line) => `${line.line} ${line.column} ${line.code}`}
        nameOf={(line) => String(line.line)}
      />
      {refused.hasNextPage ? (
        <Actions>
          <Button
            variant="default"
            loading={refused.isFetchingNextPage}
            onClick={() => void refused.fetchNextPage()}
          >
            {t('more')}
          </Button>
        </Actions>
      ) : null}
    </>
  );
}
