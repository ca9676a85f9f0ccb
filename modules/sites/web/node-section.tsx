import { useFormat } from '@liaison/core/web';
import { Tag } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { ProcessView } from '../contract/installation.ts';
import classes from './sites.module.css';

/** A node: its disk and certificate, and its processes with what they are busy with. */
export function NodeSection({ node, processes }: { node: string; processes: readonly ProcessView[] }) {
  const { t } = useTranslation('sites');
  const format = useFormat();
  const newest = processes.findLast(({ alive }) => alive) ?? processes.at(-1);
  const about = [
    newest?.disk
      ? t('diskFree', {
          free: format.bytes(newest.disk.freeBytes),
          all: format.bytes(newest.disk.totalBytes),
        })
      : null,
    newest?.certificateUntil
      ? t('certificateUntil', { when: format.dateTime(newest.certificateUntil) })
      : null,
  ].filter((each) => each !== null);
  return (
    <section className={classes.section} aria-label={t('node', { node })}>
      <h2>
        {t('node', { node })}
        {about.length > 0 ? <small>{about.join(' · ')}</small> : null}
      </h2>
      <ul className={classes.processes} aria-label={t('processesOf', { node })}>
        {processes.map((process) => (
          <Process key={process.id} process={process} />
        ))}
      </ul>
    </section>
  );
}

function Process({ process }: { process: ProcessView }) {
  const { t } = useTranslation('sites');
  const format = useFormat();
  const upMs = Math.max(0, Date.parse(process.beatAt) - Date.parse(process.startedAt));
  const figures: [string, string][] = [
    [t('version'), process.version],
    [t('up'), upText(upMs, t)],
    [t('calls'), format.number(process.calls)],
    [t('pages'), format.number(process.pages)],
    [t('requests'), format.number(process.requests)],
    [t('memory'), format.bytes(process.memoryBytes)],
    [t('hears'), format.number(process.hears)],
    [t('seen'), format.time(process.beatAt)],
  ];
  return (
    <li className={classes.process}>
      <span className={classes.name}>
        {process.duties.join(' ')} <small>{t('pid', { pid: String(process.pid) })}</small>
        {process.alive ? (
          <Tag tone={process.draining ? 'warn' : 'free'}>{t(process.draining ? 'draining' : 'works')}</Tag>
        ) : (
          <Tag tone="danger">{t('gone')}</Tag>
        )}
      </span>
      <dl className={classes.figures}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

type Translate = ReturnType<typeof useTranslation<'sites'>>['t'];

/** "3 days", "4 hours", "12 minutes": as exact as it helps. */
function upText(ms: number, t: Translate): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes >= 2 * 1440) return t('days', { count: Math.floor(minutes / 1440) });
  if (minutes >= 120) return t('hours', { count: Math.floor(minutes / 60) });
  return t('minutes', { count: minutes });
}
