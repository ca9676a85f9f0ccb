import { useApi, useFormat } from '@liaison/core/web';
import { DossierNote, DossierSection } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { listCalls } from '../contract/index.ts';
import classes from './dossier.module.css';
import { useRecordText } from './record-text.ts';

/** The last calls with somebody: while she rings (`running` is left out), and on her page. */
export function LastCalls({ personId, running }: { personId: string; running?: string }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const text = useRecordText();
  const listId = useId();
  const { data } = useApi(listCalls, { query: { personId, limit: 4 } });
  const past = data?.rows.filter((record) => record.id !== running).slice(0, 3);
  return (
    <DossierSection icon={<IconPhone size={16} />} title={t('dossier.lastCalls')}>
      {past?.length === 0 ? <DossierNote>{t('dossier.noCalls')}</DossierNote> : null}
      <ul className={classes.calls} id={listId}>
        {past?.map((record) => (
          <li key={record.id} data-missed={record.missed || undefined}>
            <span>
              <b>{text(record)}</b>
              <span>
                {record.direction === 'incoming' ? t('dossier.theyCalled') : t('dossier.youCalled')}
              </span>
            </span>
            <time>{format.row(record.startedAt)}</time>
          </li>
        ))}
      </ul>
    </DossierSection>
  );
}

/** The same on a person's page. */
export function CallsWith({ person }: { person: { id: string } }) {
  return <LastCalls personId={person.id} />;
}
