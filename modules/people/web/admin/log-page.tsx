import { Trouble, useApiPages, useFormat } from '@liaison/core/web';
import {
  Button,
  type Column,
  Empty,
  Link,
  PageBody,
  PageHeader,
  Progress,
  Select,
  Table,
  useLabels,
} from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { type auditEntrySchema, listAudit } from '../../contract/index.ts';
import { useSummary } from '../shared/faces.ts';
import classes from './admin.module.css';

type Entry = z.output<typeof auditEntrySchema>;

/** What has a name in words here, by who writes it; other modules' entries show their own. */
const actions = [
  ['calls.call-ended-by-administrator', 'audit.call-ended-by-administrator'],
  ['calls.capture-downloaded', 'audit.capture-downloaded'],
  ['calls.capture-started', 'audit.capture-started'],
  ['calls.registration-dropped', 'audit.registration-dropped'],
  ['people.address-changed', 'audit.address-changed'],
  ['people.device-created', 'audit.device-created'],
  ['people.device-revoked', 'audit.device-revoked'],
  ['people.extension-assigned', 'audit.extension-assigned'],
  ['people.import-committed', 'audit.import-committed'],
  ['people.import-uploaded', 'audit.import-uploaded'],
  ['people.invitation-accepted', 'audit.invitation-accepted'],
  ['people.invitation-renewed', 'audit.invitation-renewed'],
  ['people.invitation-revoked', 'audit.invitation-revoked'],
  ['people.organisation-changed', 'audit.organisation-changed'],
  ['people.organisation-created', 'audit.organisation-created'],
  ['people.passkey-added', 'audit.passkey-added'],
  ['people.passkey-removed', 'audit.passkey-removed'],
  ['people.password-changed', 'audit.password-changed'],
  ['people.person-erased', 'audit.person-erased'],
  ['people.person-invited', 'audit.person-invited'],
  ['people.person-restored', 'audit.person-restored'],
  ['people.person-suspended', 'audit.person-suspended'],
  ['people.profile-changed', 'audit.profile-changed'],
  ['people.recovery-codes-renewed', 'audit.recovery-codes-renewed'],
  ['people.role-changed', 'audit.role-changed'],
  ['people.sessions-revoked', 'audit.sessions-revoked'],
  ['people.team-archived', 'audit.team-archived'],
  ['people.team-created', 'audit.team-created'],
  ['people.team-member-removed', 'audit.team-member-removed'],
  ['people.team-member-set', 'audit.team-member-set'],
  ['people.totp-disabled', 'audit.totp-disabled'],
  ['people.totp-enabled', 'audit.totp-enabled'],
  ['calendar.thing-created', 'audit.thing-created'],
  ['calendar.thing-changed', 'audit.thing-changed'],
  ['calendar.thing-retired', 'audit.thing-retired'],
  ['calendar.thing-brought-back', 'audit.thing-brought-back'],
  ['calendar.thing-removed', 'audit.thing-removed'],
  ['calendar.feed-created', 'audit.feed-created'],
  ['calendar.feed-revoked', 'audit.feed-revoked'],
  ['calendar.calendar-exported', 'audit.calendar-exported'],
  ['calendar.import-started', 'audit.calendar-import-started'],
  ['contacts.contacts-deleted', 'audit.contacts-deleted'],
  ['contacts.book-exported', 'audit.book-exported'],
  ['contacts.import-started', 'audit.book-import-started'],
  ['core.person-exported', 'audit.person-exported'],
  ['core.person-erased', 'audit.person-erased-everywhere'],
  ['core.parked-work-retried', 'audit.parked-work-retried'],
  ['core.parked-work-skipped', 'audit.parked-work-skipped'],
] as const;

/** Who changed what about people, rights and settings; newest first. */
export function Page() {
  const { t } = useTranslation('people');
  const format = useFormat();
  const [action, setAction] = useState<string | null>(null);
  const labels = useLabels();
  const log = useApiPages(
    listAudit,
    { query: { limit: 100, ...(action ? { action } : {}) } },
    { staleMs: 0 },
  );
  const columns: readonly Column<Entry>[] = [
    {
      id: 'at',
      title: t('column.when'),
      width: 'min(170px, 26vw)',
      cell: (entry) => format.dateTime(entry.at),
    },
    { id: 'action', title: t('column.what'), cell: (entry) => <Action action={entry.action} /> },
    {
      id: 'who',
      title: t('column.who'),
      width: 'clamp(96px, 16vw, 260px)',
      cell: (entry) => (entry.bySystem ? t('log.system') : <Named id={entry.personId} />),
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
          data={actions.map(([value, label]) => ({ value, label: t(label) }))}
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
        {log.isPending ? <Progress bare label={labels.loading} /> : null}
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
  const known = actions.find(([name]) => name === action);
  return known ? t(known[1]) : <code className={classes.mono}>{action}</code>;
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
