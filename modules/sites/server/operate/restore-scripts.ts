import type { StepBackup } from './steps.ts';

/** As `render/postgres.ts` has it. */
const cluster = '/var/lib/postgresql/liaison';

/** Whoever has this file open has the data; a PostgreSQL that is being ended has it for a moment more. */
const alone = [
  'set -euo pipefail',
  'umask 077',
  `cluster=${cluster} restored=${cluster}.restored`,
  'exec 9>"$cluster.lock"',
  'flock --wait 180 9 || { echo "liaison: a PostgreSQL of this node still runs" >&2; exit 1; }',
];

/** What an earlier restore left of itself goes; a database that is there stays, and is refused where nobody spoke of it. */
export const beginScript = (over: boolean): string =>
  [
    ...alone,
    'rm -rf "$restored" "$restored.partial"',
    ...(over
      ? []
      : ['[ ! -e "$cluster/PG_VERSION" ] || { echo "liaison: there is a database" >&2; exit 1; }']),
  ].join('\n');

/** One base and the log from its position, as an archive. */
export function selectScript(site: string, { id, log }: StepBackup): string {
  return [
    'set -euo pipefail',
    `cd ${quoted('/backups')}`,
    '{',
    `  printf '%s\\n' ${quoted(`${site}/bases/${id}`)}`,
    `  for folder in ${quoted(`${site}/added`)}; do [ ! -d "$folder" ] || printf '%s\\n' "$folder"; done`,
    ...(log === undefined
      ? []
      : [
          `  for piece in ${quoted(`${site}/${log.folder}`)}*; do`,
          `    name=\${piece##*/} end=\${piece##*/}`,
          `    end=\${end#*-}`,
          // Names are positions of one length: those that end after the base began are needed.
          `    [[ $name != *-* || \${end%%.*} < ${log.from} ]] || printf '%s\\n' "$piece"`,
          '  done',
        ]),
    '} | tar --create --file - --files-from -',
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Plays the log of what was extracted, gives it the passwords that come on standard input, and puts it where the database lies. What
 * was there stays beside it. Each part can be done again.
 */
export function playScript({ epoch, until }: { epoch: number; until: string | undefined }): string {
  const target =
    until === undefined ? '' : `recovery_target_time = '${until.replace('T', ' ').replace('Z', '+00')}'`;
  return [
    'IFS= read -r password',
    'IFS= read -r replication',
    ...alone,
    'refuse() {',
    '  echo "liaison: $1" >&2',
    '  exit 1',
    '}',
    'for one in "$password" "$replication"; do',
    '  [[ $one =~ ^[A-Za-z0-9._~-]*$ ]] || refuse "a password of the database has other signs than letters and digits"',
    'done',
    'if [ -e "$restored/PG_VERSION" ]; then',
    "  printf 'local all all trust\\n' >/tmp/pg_hba.conf",
    '  settings() {',
    "    printf '%s\\n' \"listen_addresses = ''\" \"unix_socket_directories = '/tmp'\" \"hba_file = '/tmp/pg_hba.conf'\" \\",
    "      \"ident_file = '/tmp/pg_ident.conf'\" 'hot_standby = off' \"restore_command = 'false'\" 'max_wal_size = 4GB' \\",
    "      'recovery_target_action = promote' 'log_checkpoints = on' 'password_encryption = scram-sha-256' \"$@\" >/tmp/play.conf",
    '  }',
    '  : >/tmp/pg_ident.conf',
    // Nobody is let in before the end, so that who is let in knows that all is played.
    '  start() {',
    '    settings "$@"',
    '    rm -f "$restored/postmaster.pid"',
    '    : >"$restored/postgresql.auto.conf"',
    '    pg_ctl start --pgdata "$restored" --options "-c config_file=/tmp/play.conf" --silent --no-wait --log /tmp/play.log',
    // To pg_ctl one that still plays has started; it has played once it takes a statement.
    "    until psql -X --quiet --host /tmp --username postgres --dbname postgres --command 'select 1' >/dev/null 2>&1; do",
    '      sleep 1',
    '      pg_ctl status --pgdata "$restored" >/dev/null || return 1',
    '      ((SECONDS % 10 != 0)) || echo "PostgreSQL plays the log, since $SECONDS s" >&2',
    '    done',
    '  }',
    '  trap \'pg_ctl stop --pgdata "$restored" --mode fast || true; exit 130\' INT TERM',
    '  echo "PostgreSQL plays the log" >&2',
    `  if ! start ${target === '' ? '' : `"${target}"`}; then`,
    '    if grep -q "before configured recovery target" /tmp/play.log; then',
    '      echo "the log ends before that time: all of it is taken" >&2',
    '      start || { tail -n 5 /tmp/play.log >&2; refuse "PostgreSQL does not start on what was restored"; }',
    '    else',
    '      tail -n 5 /tmp/play.log >&2',
    '      refuse "PostgreSQL does not start on what was restored"',
    '    fi',
    '  fi',
    '  {',
    '    printf "ALTER ROLE postgres PASSWORD \'%s\';\\n" "$password"',
    '    if [ -n "$replication" ]; then',
    "      printf 'DO $$ BEGIN CREATE ROLE replicator LOGIN REPLICATION; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\\n'",
    '      printf "ALTER ROLE replicator LOGIN REPLICATION PASSWORD \'%s\';\\n" "$replication"',
    '    fi',
    '  } | psql -X --quiet --set ON_ERROR_STOP=1 --host /tmp --username postgres --dbname postgres >/dev/null',
    '  pg_ctl stop --pgdata "$restored" --mode fast --silent --wait --timeout 600',
    '  : >"$restored/postgresql.auto.conf"',
    '  if [ -e "$cluster" ]; then',
    '    rm -rf "$cluster.replaced"',
    '    mv "$cluster" "$cluster.replaced"',
    '    echo "what was there is kept beside it as liaison.replaced" >&2',
    '  fi',
    '  mv "$restored" "$cluster"',
    'fi',
    '[ -e "$cluster/PG_VERSION" ] || refuse "nothing was restored"',
    `echo ${epoch} >"$cluster.epoch"`,
  ].join('\n');
}
