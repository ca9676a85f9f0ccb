import { useApiPages, useFormat } from '@liaison/core/web';
import { Button, type Column, Empty, Link, PageBody, PageHeader, Select, Table } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { type auditEntrySchema, listAudit } from '../../contract/index.ts';
import { useSummary } from '../shared/faces.ts';
import { Trouble } from '../shared/trouble.tsx';
import classes from './admin.module.css';

type Entry = z.output<typeof auditEntrySchema>;

/** What this module writes into the log; other modules' entries show their own name. */
const actions = [
  'device-created',
  'device-revoked',
  'extension-assigned',
  'import-committed',
  'import-uploaded',
  'invitation-accepted',
  'invitation-renewed',
  'invitation-revoked',
  'organisation-changed',
  'organisation-created',
  'passkey-added',
  'passkey-removed',
  'password-changed',
  'person-erased',
  'person-invited',
  'person-restored',
  'person-suspended',
  'profile-changed',
  'recovery-codes-renewed',
  'role-changed',
  'sessions-revoked',
  'team-archived',
  'team-created',
  'team-member-removed',
  'team-member-set',
  'totp-disabled',
  'totp-enabled',
] as const;

/** Who changed what about people, rights and settings; newest first. */
export function Page() {
  const { t } = useTranslation('people');
  const format = useFormat();
  const [action, setAction] = useState<string | null>(null);
  const log = useApiPages(
    listAudit,
    { query: { limit: 100, ...(action ? { action } : {}) } },
    { staleMs: 0 },
  );
  const columns: readonly Column<Entry>[] = [
    { id: 'at', title: t('column.when'), width: '170px', cell: (entry) => format.dateTime(entry.at) },
    { id: 'action', title: t('column.what'), cell: (entry) => <Action action={entry.action} /> },
    {
      id: 'who',
      title: t('column.who'),
      width: '20%',
      wide: true,
      cell: (entry) => <Named id={entry.personId} />,
    },
    {
      id: 'subject',
      title: t('column.subject'),
      width: '20%',
      wide: true,
      cell: (entry) => <Named id={entry.subjectId} />,
    },
    { id: 'ip', title: t('column.ip'), width: '140px', wide: true, cell: (entry) => entry.ip },
  ];
  const { rows } = log;
  return (
    <>
      <PageHeader title={t('admin.log')} meta={t('log.meta')} />
      <div className={classes.tools}>
        <Select
          className={classes.search}
          aria-label={t('column.what')}
          placeholder={t('log.all')}
          data={actions.map((each) => ({ value: `people.${each}`, label: t(`audit.${each}`) }))}
          value={action}
          onChange={setAction}
          searchable
          clearable
        />
      </div>
      <PageBody label={t('admin.log')}>
        {log.error ? (
          <div className={classes.pad}>
            <Trouble error={log.error} />
          </div>
        ) : null}
        {rows && rows.length === 0 ? (
          <Empty title={t('log.none')} />
        ) : (
          <Table
            label={t('admin.log')}
            columns={columns}
            items={rows ?? []}
            idOf={(entry) => entry.id}
            nameOf={(entry) => entry.action}
          />
        )}
        {log.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={log.isFetchingNextPage}
              onClick={() => void log.fetchNextPage()}
            >
              {t('more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
    </>
  );
}

function Action({ action }: { action: string }) {
  const { t } = useTranslation('people');
  const known = actions.find((each) => `people.${each}` === action);
  return known ? t(`audit.${known}`) : <code className={classes.mono}>{action}</code>;
}

/** A person by name, where the id is one. */
function Named({ id }: { id: string | null }) {
  const person = useSummary(id ?? '');
  if (!id || !person) return null;
  return (
    <span className={classes.words}>
      <Link href={`/people/${id}`}>{person.name}</Link>
    </span>
  );
}
