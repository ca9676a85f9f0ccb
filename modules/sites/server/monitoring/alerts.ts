import { processesJob } from './figures.ts';

/** Something that somebody is told of. */
export interface Alert {
  readonly name: string;
  readonly expression: string;
  /** How long it has to be so. */
  readonly for: string;
  /** `page`: somebody gets up; `ticket`: somebody looks in the morning. */
  readonly severity: 'page' | 'ticket';
  /** What is so, in a sentence. */
  readonly summary: string;
  /** What to do first. */
  readonly mend: string;
}

const of = (metric: string, more = ''): string => `${metric}{job="${processesJob}"${more}}`;

/** Few, and each with something that can be done about it. */
export const alerts: readonly Alert[] = [
  {
    name: 'LiaisonGone',
    expression: `sum by (service) (${of('up')}) == 0`,
    for: '1m',
    severity: 'page',
    summary: 'No process of {{ $labels.service }} answers.',
    mend: 'Look at its log; the orchestrator starts it again, and if it ends each time the log says why in one line.',
  },
  {
    name: 'LiaisonUnseen',
    expression: `absent(${of('up')})`,
    for: '5m',
    severity: 'page',
    summary: 'Prometheus finds no process at all.',
    mend: 'Look whether the stack runs and whether names of services are found from here.',
  },
  {
    name: 'LiaisonReplicaGone',
    expression: `sum by (service) (${of('up')}) < count by (service) (${of('up')}) and sum by (service) (${of('up')}) > 0`,
    for: '10m',
    severity: 'ticket',
    summary: 'A process of {{ $labels.service }} does not answer; others of it do.',
    mend: 'Look at the log of the one that is missing, and whether its node is there.',
  },
  {
    name: 'LiaisonErrors',
    expression: `sum(rate(${of('liaison_http_request_duration_seconds_count', ', status=~"5.."')}[5m])) / sum(rate(${of('liaison_http_request_duration_seconds_count')}[5m])) > 0.02`,
    for: '5m',
    severity: 'page',
    summary: '{{ $value | humanizePercentage }} of all requests fail.',
    mend: 'Look for level error in the logs: each failed request has its id there and in the answer that people see.',
  },
  {
    name: 'LiaisonEventsLate',
    expression: `max(${of('liaison_outbox_lag_seconds')}) > 60`,
    for: '5m',
    severity: 'page',
    summary: 'What follows from changes is {{ $value | humanizeDuration }} late.',
    mend: 'Look whether a process with the duty worker runs, and whether the database is slow.',
  },
  {
    name: 'LiaisonStuckWork',
    expression: `max(${of('liaison_outbox_parked_reactions')}) > 0`,
    for: '15m',
    severity: 'ticket',
    summary: '{{ $value }} reactions failed too often and wait.',
    mend: 'Open Manage, Stuck work: it says what failed, and tries again when told.',
  },
  {
    name: 'LiaisonDatabaseWaits',
    expression: `sum by (service) (${of('liaison_database_connections', ', state="waiting"')}) > 5`,
    for: '5m',
    severity: 'page',
    summary: 'In {{ $labels.service }} {{ $value }} transactions wait for a connection to the database.',
    mend: 'Look for slow statements in the database; more replicas make this worse while it is slow.',
  },
  {
    name: 'LiaisonTelephonesRefused',
    expression: `max by (service) (${of('liaison_sip_overloaded')}) > 0`,
    for: '2m',
    severity: 'page',
    summary: '{{ $labels.service }} refuses requests of telephones, as it has too many.',
    mend: 'After a power cut all telephones come back at once and this ends by itself; otherwise add a process with the duty sip.',
  },
  {
    name: 'LiaisonTelephonesUnheard',
    expression: `sum by (service) (increase(${of('liaison_sip_messages_dropped_total')}[15m])) > 100`,
    for: '5m',
    severity: 'ticket',
    summary:
      '{{ $value | humanize }} messages of telephones to {{ $labels.service }} were lost unread in 15 minutes.',
    mend: 'Let the system hold more on the machines of this service (sysctl -w net.core.rmem_max=4194304) and replace its processes; if its loop is slow, see to that first.',
  },
  {
    name: 'LiaisonPushesFail',
    expression: `sum by (maker) (increase(${of('liaison_notify_pushes_total', ', outcome=~"later|refused"')}[10m])) > 3 and sum by (maker) (increase(${of('liaison_notify_pushes_total', ', outcome=~"later|refused"')}[10m])) / sum by (maker) (increase(${of('liaison_notify_pushes_total')}[10m])) > 0.5`,
    for: '10m',
    severity: 'ticket',
    summary: 'The push service of {{ $labels.maker }} took fewer than half of our messages for 20 minutes.',
    mend: 'Ask npm run liaison -- doctor whom push services turn to, and look whether workers reach the world by https; if one maker alone fails, its service has trouble of its own.',
  },
  {
    name: 'LiaisonSlowLoop',
    expression: `max by (service, instance) (${of('nodejs_eventloop_lag_p99_seconds')}) > 0.25`,
    for: '10m',
    severity: 'ticket',
    summary: '{{ $labels.instance }} of {{ $labels.service }} does one thing for too long at a time.',
    mend: 'Give its duty another replica; if one alone is slow, take a profile of it.',
  },
];

/** For a site that has backups: a figure that nobody tells is none that is wrong. */
export const backupAlerts: readonly Alert[] = [
  {
    name: 'LiaisonBackupOld',
    expression: `max(${of('liaison_backup_age_seconds')}) > 26 * 3600`,
    for: '15m',
    severity: 'page',
    summary: 'The newest backup is {{ $value | humanizeDuration }} old.',
    mend: 'Look at /readyz of the workers, and at their log for part backup: it says in one line what fails.',
  },
  {
    name: 'LiaisonBackupLogWaits',
    expression: `max(${of('liaison_backup_log_waiting_seconds')}) > 300`,
    for: '5m',
    severity: 'page',
    summary: 'What was written in the last {{ $value | humanizeDuration }} is in no backup.',
    mend: 'Look whether the place of the backups is there and has room; the database keeps the log until then.',
  },
  {
    name: 'LiaisonBackupLogFills',
    expression: `max(${of('liaison_backup_log_kept_bytes')}) > 2e9`,
    for: '5m',
    severity: 'page',
    summary: 'The database keeps {{ $value | humanize1024 }}B of log for the backups.',
    mend: 'Bring the place of the backups back. At its limit of 4 GB the database lets the log go, and a new backup begins.',
  },
  {
    name: 'LiaisonBackupUnproved',
    expression: `max(${of('liaison_backup_verified_age_seconds')}) > 3 * 86400`,
    for: '15m',
    severity: 'ticket',
    summary: 'No backup has been proved by a restore for {{ $value | humanizeDuration }}.',
    mend: 'Look at the log for part backup; on another machine, npm run liaison -- backup-verify tells what is wrong.',
  },
];
