import { Trouble, useAction, useApi, useFormat, useLiveEvent } from '@liaison/core/web';
import { Button, useToasts } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  getContactImport,
  importProgressed,
  listContacts,
  listLabels,
  listRecentContactImports,
  undoContactImport,
} from '../../contract/index.ts';
import classes from '../contacts.module.css';

/** What was taken in lately, to be taken back as a whole. */
export function RecentImports() {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const toasts = useToasts();
  const recent = useApi(listRecentContactImports, {}, { staleMs: 0 });
  useLiveEvent(importProgressed, ({ data }) => {
    if (data.finished) void recent.refetch();
  });
  const undo = useAction(undoContactImport, {
    invalidates: [listRecentContactImports, getContactImport, listContacts, listLabels],
  });
  const [goes, setGoes] = useState<string | null>(null);
  async function takeBack(importId: string): Promise<void> {
    setGoes(importId);
    try {
      let count = 0;
      for (;;) {
        const { undone, left } = await undo.mutateAsync({ params: { importId } });
        count += undone;
        if (left === 0 || undone === 0) break;
      }
      toasts.show({ text: t('import.takenBack', { count }) });
    } catch {
      // Said below.
    } finally {
      setGoes(null);
    }
  }
  const rows = recent.data?.rows ?? [];
  if (rows.length === 0 && !undo.error) return null;
  return (
    <section className={classes.stack} aria-label={t('import.recent')}>
      <h2>{t('import.recent')}</h2>
      <p className={classes.quiet}>{t('import.recentWhy')}</p>
      <ul className={classes.recentImports}>
        {rows.map((row) => (
          <li key={row.id}>
            <span>
              {t('import.recentOf', { name: row.fileName, when: format.dateTime(Date.parse(row.createdAt)) })}
            </span>
            <Button
              variant="default"
              loading={goes === row.id}
              disabled={goes !== null}
              onClick={() => void takeBack(row.id)}
            >
              {t('import.takeBack', { count: row.cards })}
            </Button>
          </li>
        ))}
      </ul>
      <Trouble error={undo.error} />
    </section>
  );
}
