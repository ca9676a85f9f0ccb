/** One picture on the board: what is asked of Prometheus, and how it is shown. */
export interface Panel {
  readonly title: string;
  /** What it tells, and when to worry, for whoever looks at it the first time. */
  readonly about: string;
  /** Grafana's name of the unit. */
  readonly unit: 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops';
  readonly series: readonly { readonly expression: string; readonly legend: string }[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Scrape jobs: our own processes, each a service of the site. */
export const processesJob = 'liaison';

const of = (metric: string): string => `${metric}{job="${processesJob}"}`;
const rate = (metric: string, by: string): string => `sum by (${by}) (rate(${of(metric)}[5m]))`;

/** Everything that `/metrics` tells, in the order in which somebody asks who was rung up at night. */
export const board: readonly Row[] = [
  {
    title: 'Is it there?',
    panels: [
      {
        title: 'Processes that answer',
        about: 'One line for each service. It falls while a process is replaced, and comes back.',
        unit: 'short',
        series: [{ expression: `sum by (service) (up{job="${processesJob}"})`, legend: '{{service}}' }],
      },
      {
        title: 'Requests',
        about: 'Answers of the HTTP interface by their class. 5xx is ours to mend.',
        unit: 'reqps',
        series: [
          {
            expression: `sum by (class) (label_replace(rate(${of('liaison_http_request_duration_seconds_count')}[5m]), "class", "\${1}xx", "status", "(.).."))`,
            legend: '{{class}}',
          },
        ],
      },
      {
        title: 'Time to the answer, 95 of 100',
        about: 'Of each service. Above a second people notice.',
        unit: 's',
        series: [
          {
            expression: `histogram_quantile(0.95, sum by (le, service) (rate(${of('liaison_http_request_duration_seconds_bucket')}[5m])))`,
            legend: '{{service}}',
          },
        ],
      },
      {
        title: 'Open pages',
        about: 'Pages with a live connection.',
        unit: 'short',
        series: [
          { expression: `sum by (service) (${of('liaison_live_connections')})`, legend: '{{service}}' },
        ],
      },
    ],
  },
  {
    title: 'Telephones',
    panels: [
      {
        title: 'Calls now',
        about: 'Calls that somebody is in, by the service that owns them.',
        unit: 'short',
        series: [{ expression: `sum by (service) (${of('liaison_calls_running')})`, legend: '{{service}}' }],
      },
      {
        title: 'Legs of telephones',
        about: 'Telephones that ring or talk.',
        unit: 'short',
        series: [{ expression: `sum by (service) (${of('liaison_sip_sessions')})`, legend: '{{service}}' }],
      },
      {
        title: 'Waiting of SIP messages',
        about: 'How long a message waits to be looked at. Above half a second telephones send again.',
        unit: 's',
        series: [
          { expression: `max by (service) (${of('liaison_sip_delay_seconds')})`, legend: '{{service}}' },
        ],
      },
      {
        title: 'SIP requests under way, and refused',
        about: 'Refused ones got 503 with the time after which to try again.',
        unit: 'ops',
        series: [
          {
            expression: `sum by (service) (${of('liaison_sip_requests_under_way')})`,
            legend: '{{service}} under way',
          },
          {
            expression: rate('liaison_sip_requests_refused_total', 'service'),
            legend: '{{service}} refused a second',
          },
          { expression: `max by (service) (${of('liaison_sip_overloaded')})`, legend: '{{service}} refuses' },
        ],
      },
      {
        title: 'SIP messages lost unread',
        about:
          'Dropped by the system, as nobody read them in time. Telephones send again, half a second later.',
        unit: 'ops',
        series: [
          {
            expression: rate('liaison_sip_messages_dropped_total', 'service'),
            legend: '{{service}} lost a second',
          },
        ],
      },
      {
        title: 'What the system holds of unread SIP messages',
        about:
          'Of each service, at most. 4 MB are asked for; less loses some when all telephones come back at once.',
        unit: 'bytes',
        series: [
          {
            expression: `min by (service) (${of('liaison_sip_receive_queue_bytes')} > 0)`,
            legend: '{{service}}',
          },
        ],
      },
    ],
  },
  {
    title: 'News',
    panels: [
      {
        title: 'News told to people',
        about:
          'One for each person. It follows what people do; nothing for hours on a working day is no good sign.',
        unit: 'ops',
        series: [
          { expression: `sum(rate(${of('liaison_notify_news_total')}[5m]))`, legend: 'written' },
          { expression: `sum(rate(${of('liaison_notify_digests_total')}[5m]))`, legend: 'digests' },
        ],
      },
      {
        title: 'Pushes to closed pages',
        about:
          'Gone: a browser that ended its subscription, which is forgotten. Later: the service asks to wait or is not reached, and is tried again for four hours. Refused: never taken; whom they turn to is LIAISON_CONTACT.',
        unit: 'ops',
        series: [
          {
            expression: rate('liaison_notify_pushes_total', 'maker, outcome'),
            legend: '{{maker}} {{outcome}}',
          },
        ],
      },
      {
        title: 'News that wait for a digest',
        about: 'It falls in the morning, when most digests come. What only rises is never gathered.',
        unit: 'short',
        series: [{ expression: `max(${of('liaison_notify_news_waiting')})`, legend: 'waiting' }],
      },
    ],
  },
  {
    title: 'Behind the scenes',
    panels: [
      {
        title: 'Age of the oldest event without its reactions',
        about: 'What follows from a change (notices, counts) is late by so much.',
        unit: 's',
        series: [{ expression: `max(${of('liaison_outbox_lag_seconds')})`, legend: 'oldest' }],
      },
      {
        title: 'Stuck work',
        about: 'Reactions that failed ten times and wait for an administrator: Manage, Stuck work.',
        unit: 'short',
        series: [{ expression: `max(${of('liaison_outbox_parked_reactions')})`, legend: 'parked' }],
      },
      {
        title: 'Connections to the database',
        about: 'Waiting: transactions that have none. It should be nothing.',
        unit: 'short',
        series: [
          {
            expression: `sum by (service, state) (${of('liaison_database_connections')})`,
            legend: '{{service}} {{state}}',
          },
        ],
      },
      {
        title: 'Delay of the event loop, 99 of 100',
        about: 'Above a tenth of a second a process has too much to do, or one task of it is too long.',
        unit: 's',
        series: [
          {
            expression: `max by (service) (${of('nodejs_eventloop_lag_p99_seconds')})`,
            legend: '{{service}}',
          },
        ],
      },
      {
        title: 'Processor',
        about: 'Of one core.',
        unit: 'percentunit',
        series: [
          {
            expression: rate('process_cpu_seconds_total', 'service, instance'),
            legend: '{{service}} {{instance}}',
          },
        ],
      },
      {
        title: 'Memory',
        about: 'Held by each process.',
        unit: 'bytes',
        series: [
          {
            expression: `max by (service, instance) (${of('process_resident_memory_bytes')})`,
            legend: '{{service}} {{instance}}',
          },
        ],
      },
      {
        title: 'Files and pictures kept, and removed since the start',
        about: 'Kept as they were counted last night; nothing until a night has passed.',
        unit: 'bytes',
        series: [
          { expression: `max(${of('liaison_blobs_kept_bytes')}) or vector(0)`, legend: 'kept' },
          { expression: `sum(${of('liaison_blobs_removed_bytes')})`, legend: 'removed' },
        ],
      },
    ],
  },
];

/** For a site that has backups. */
export const backupRow: Row = {
  title: 'Backups',
  panels: [
    {
      title: 'Age of the newest backup, and of the last proof',
      about: 'A backup a day, each proved by a restore. Beyond a day somebody should look.',
      unit: 's',
      series: [
        { expression: `max(${of('liaison_backup_age_seconds')})`, legend: 'backup' },
        { expression: `max(${of('liaison_backup_verified_age_seconds')})`, legend: 'proof' },
      ],
    },
    {
      title: 'What a total loss would cost now',
      about:
        'For how long the oldest written log has waited to be shipped. Above a minute somebody should look.',
      unit: 's',
      series: [{ expression: `max(${of('liaison_backup_log_waiting_seconds')})`, legend: 'waiting' }],
    },
    {
      title: 'Log that waits in the database, and size of a backup',
      about: 'The log grows while the place of the backups is away; at 4 GB the database lets it go.',
      unit: 'bytes',
      series: [
        { expression: `max(${of('liaison_backup_log_kept_bytes')})`, legend: 'log' },
        { expression: `max(${of('liaison_backup_bytes')})`, legend: 'backup' },
      ],
    },
    {
      title: 'Parts of the backups that fail',
      about: 'It should be nothing; /readyz of a worker names them.',
      unit: 'short',
      series: [{ expression: `max(${of('liaison_backup_faults')})`, legend: 'failing' }],
    },
  ],
};
