import type { Contact } from '@liaison/contacts';
import { useApi, useApiPages, useFormat } from '@liaison/core/web';
import { DossierMore, DossierNote, DossierSection } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type CallRecord, listCalls } from '../contract/index.ts';
import classes from './dossier.module.css';
import { useRecordText } from './record-text.ts';

/** The last calls with whoever rings, without the one that does (`running`). */
export function LastCalls({
  running,
  ...whom
}: { running: string } & ({ personId: string } | { numbers: string })) {
  const { t } = useTranslation('calls');
  const { data } = useApi(listCalls, { query: { ...whom, limit: 4 } });
  const past = data?.rows.filter((record) => record.id !== running).slice(0, 3);
  return (
    <DossierSection icon={<IconPhone size={16} />} title={t('dossier.lastCalls')}>
      {past?.length === 0 ? <DossierNote>{t('dossier.noCalls')}</DossierNote> : null}
      <Records records={past} />
    </DossierSection>
  );
}

/** On a person's page: all of them, a few at a time. */
export function CallsWith({ person }: { person: { id: string } }) {
  return <AllCalls whom={{ personId: person.id }} />;
}

/** On the card of somebody outside: those with any of her numbers. */
export function CallsWithContact({ contact }: { contact: Pick<Contact, 'numbers'> }) {
  const numbers = contact.numbers.flatMap(({ e164 }) => e164 ?? []).join(',');
  return numbers === '' ? null : <AllCalls whom={{ numbers }} />;
}

function AllCalls({ whom }: { whom: { personId: string } | { numbers: string } }) {
  const { t } = useTranslation('calls');
  const calls = useApiPages(listCalls, { query: { ...whom, limit: 6 } });
  return (
    <DossierSection icon={<IconPhone size={16} />} title={t('dossier.lastCalls')}>
      {calls.rows?.length === 0 ? <DossierNote>{t('dossier.noCalls')}</DossierNote> : null}
      <Records records={calls.rows} />
      {calls.hasNextPage ? (
        <DossierMore loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
          {t('dossier.more')}
        </DossierMore>
      ) : null}
    </DossierSection>
  );
}

function Records({ records }: { records: readonly CallRecord[] | undefined }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const text = useRecordText();
  return (
    <ul className={classes.calls}>
      {records?.map((record) => (
        <li key={record.id} data-missed={record.missed || undefined}>
          <span>
            <b>{text(record)}</b>
            <span>{record.direction === 'incoming' ? t('dossier.theyCalled') : t('dossier.youCalled')}</span>
          </span>
          <time>{format.row(record.startedAt)}</time>
        </li>
      ))}
    </ul>
  );
}
