import { Trouble, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import { Empty, PageBody, PageHeader, Progress, Tag, useLabels } from '@liaison/ui';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { getInstallation, type Installation } from '../contract/installation.ts';
import { NodeSection } from './node-section.tsx';
import classes from './sites.module.css';

/** How often it is asked for again, in milliseconds. */
const everyMs = 3000;

/** What runs where, how it is, and what deserves a look; nothing here changes anything. */
export default function SitesPage() {
  const { t } = useTranslation('sites');
  usePageTitle(t('title'));
  const labels = useLabels();
  const { data, error, isPending } = useApi(getInstallation, {}, { everyMs, keepLast: true, staleMs: 0 });
  const seen = data?.installation;
  return (
    <>
      <PageHeader
        title={t('title')}
        meta={
          seen
            ? t('meta', { site: seen.site, count: seen.processes.filter(({ alive }) => alive).length })
            : ''
        }
      />
      <PageBody label={t('title')}>
        {error ? (
          <div className={classes.pad}>
            <Trouble error={error} title={t('trouble')} />
          </div>
        ) : null}
        {isPending ? <Progress bare label={labels.loading} /> : null}
        {data && !seen ? <Empty title={t('notYours')}>{t('notYoursWhy')}</Empty> : null}
        {seen ? <Sections seen={seen} /> : null}
      </PageBody>
    </>
  );
}

function Sections({ seen }: { seen: Installation }) {
  const { t } = useTranslation('sites');
  const nodes = [...new Set(seen.processes.map(({ node }) => node))];
  return (
    <>
      <section className={classes.section} aria-label={t('attend')}>
        <h2>{t('attend')}</h2>
        {seen.warnings.length === 0 ? (
          <p className={classes.well}>
            <IconCircleCheck size={18} aria-hidden />
            {t('well')}
          </p>
        ) : (
          <ul className={classes.warnings}>
            {seen.warnings.map(({ code, about }) => (
              <li key={`${code} ${about}`}>
                <IconAlertTriangle size={18} aria-hidden />
                <span>{t(`warning.${code}`, { about })}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {nodes.map((node) => (
        <NodeSection key={node} node={node} processes={seen.processes.filter((each) => each.node === node)} />
      ))}
      <Shared seen={seen} />
    </>
  );
}

/** What all processes have together. */
function Shared({ seen }: { seen: Installation }) {
  const { t } = useTranslation('sites');
  const format = useFormat();
  const { database, blobs, backup } = seen;
  const unit = (value: number): string => format.number(Math.round(value * 10) / 10);
  const facts: [string, React.ReactNode][] = [
    [t('database'), t('databaseIs', { version: database.version, size: format.bytes(database.bytes) })],
    [
      t('lastMigration'),
      database.lastMigration ? (
        <>
          <code>{database.lastMigration.name}</code>{' '}
          <small>{format.dateTime(database.lastMigration.at)}</small>
        </>
      ) : (
        t('unknown')
      ),
    ],
    [
      t('standbys'),
      database.standbys.length === 0
        ? t('noStandby')
        : database.standbys.map(({ name, state, bytesBehind, secondsBehind }) => (
            <span key={name} className={classes.line}>
              {name}{' '}
              <Tag tone={state === 'streaming' ? 'free' : 'warn'}>
                {bytesBehind === null
                  ? state
                  : t('behind', { size: format.bytes(bytesBehind), seconds: unit(secondsBehind ?? 0) })}
              </Tag>
            </span>
          )),
    ],
    [
      t('backlog'),
      t('seconds', { count: Math.round(seen.backlogSeconds), shown: unit(seen.backlogSeconds) }),
    ],
    [t('bus'), t(seen.bus === 'nats' ? 'busNats' : 'busNone')],
    [
      t('blobs'),
      <span key="blobs" className={classes.line}>
        {t(blobs.kind === 'folder' ? 'blobsFolder' : 'blobsStore')}{' '}
        {blobs.ok === null ? null : (
          <Tag tone={blobs.ok ? 'free' : 'danger'}>{t(blobs.ok ? 'blobsGood' : 'blobsBad')}</Tag>
        )}
        {blobs.at ? <small>{t('triedAt', { when: format.dateTime(blobs.at) })}</small> : null}
      </span>,
    ],
    [
      t('backup'),
      backup.good ? (
        <span key="backup" className={classes.line}>
          {format.dateTime(backup.good.at)}{' '}
          <small>
            {backup.good.place} · {format.bytes(backup.good.bytes)}
          </small>
          {backup.good.verified ? <Tag tone="free">{t('verified')}</Tag> : null}
        </span>
      ) : (
        t('noBackup')
      ),
    ],
  ];
  return (
    <section className={classes.section} aria-label={t('shared')}>
      <h2>{t('shared')}</h2>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
