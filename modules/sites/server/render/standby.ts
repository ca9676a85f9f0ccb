import type { ManagedPostgres } from '../../contract/index.ts';
import type { ServiceName } from './program.ts';

/** What the primary keeps its log for: the one copy that there is. */
export const slot = 'standby';

/** PostgreSQL gives connecting two seconds at least, and looks for the name before. */
export const askSeconds = 4;

/** What both scripts ask the primary with; the start script writes the file with the password. */
const asking = (primary: string): string[] => [
  `conninfo="host=${primary} port=5432 user=replicator passfile=/tmp/pgpass application_name=standby"`,
  `primary() { timeout ${askSeconds} psql -X --no-password --dbname "$conninfo dbname=postgres connect_timeout=2" -Atc "$1"; }`,
];

/**
 * The part of the start script that only a standby runs. The primary keeps for it, in a slot, what it has not received: of that
 * `max_slot_wal_keep_size` at most. A copy that was away for longer can never follow again, and is made anew; the old one stays
 * until then, because it may be the last that there is.
 */
export function standbyLines(options: { replicationPassword: string; primary: string }): string[] {
  return [
    'if [ "$role" = standby ]; then',
    `  printf '*:*:*:replicator:%s\\n' "$(<${options.replicationPassword})" >/tmp/pgpass`,
    ...asking(options.primary).map((line) => `  ${line}`),
    '  rm -rf "$cluster.old"',
    '  copy=',
    '  if [ ! -e "$cluster/PG_VERSION" ]; then',
    '    copy=first',
    '  else',
    '    [ -e "$cluster/standby.signal" ] ||',
    '      refuse "the data of this node was a primary\'s" "make it a standby again: failover SITE --standby NODE removes the old data, and a fresh copy is made"',
    '    # A primary that does not answer decides nothing: then this copy may be all that is left.',
    `    if kept=$(primary "select wal_status from pg_replication_slots where slot_name = '${slot}'" 2>/dev/null); then`,
    '      case $kept in',
    '        "" | lost)',
    `          echo "liaison: the primary no longer has what this copy lacks (slot: \${kept:-none}); a fresh copy is made" >&2`,
    '          copy=again',
    '          ;;',
    '      esac',
    '    fi',
    '  fi',
    '  if [ -n "$copy" ]; then',
    '    # Until the primary is there, this node waits. From here on it keeps what it writes while it is copied.',
    `    until primary "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}' and not active" >/dev/null &&`,
    `      primary "select pg_create_physical_replication_slot('${slot}', true)" >/dev/null &&`,
    '      pg_basebackup --pgdata "$partial" --dbname "$conninfo" --wal-method stream --checkpoint fast; do',
    '      rm -rf "$partial"',
    '      sleep 2',
    '    done',
    '    touch "$partial/standby.signal"',
    '    [ "$copy" = first ] || mv "$cluster" "$cluster.old"',
    '    mv "$partial" "$cluster"',
    '    rm -rf "$cluster.old"',
    '    [ "$copy" = first ] || echo "liaison: the fresh copy is made" >&2',
    '  fi',
    `  printf "primary_conninfo = '%s'\\nprimary_slot_name = '${slot}'\\n" "$conninfo" >"$cluster/postgresql.auto.conf"`,
    'fi',
  ];
}

/**
 * The health check of a standby: says how far behind it is. Ill is one that does not follow although the primary answers: it is
 * started again, and then made anew where the primary no longer has what it lacks. With a primary that is away it stays as it
 * is, since it is what a failover needs.
 */
export function standbyHealth(postgres: ManagedPostgres, nameOf: ServiceName): string {
  return [
    '#!/bin/bash',
    '# standby-health: says how far behind this copy is. Ill: the primary answers, and this copy does not follow it.',
    'set -uo pipefail',
    ...asking(nameOf('postgres')),
    `own() { PGPASSWORD=$(</run/secrets/${postgres.password.secret}) timeout ${askSeconds} psql -X --no-password --dbname "host=127.0.0.1 port=5432 user=postgres dbname=postgres connect_timeout=1" -AtF ' ' -c "$1"; }`,
    "if ! read -r copying receiver at < <(own \"select pg_is_in_recovery(), coalesce((select status from pg_stat_wal_receiver), 'none'),",
    "  coalesce(pg_last_wal_replay_lsn(), '0/0')\" 2>&1); then",
    '  echo "does not answer yet"',
    '  exit 1',
    'fi',
    'case $copying in',
    '  f)',
    '    echo "is the primary now"',
    '    exit 0',
    '    ;;',
    '  t) ;;',
    '  *)',
    '    echo "does not answer yet: $copying $receiver $at"',
    '    exit 1',
    '    ;;',
    'esac',
    `read -r behind kept < <(primary "select pg_wal_lsn_diff(pg_current_wal_lsn(), '$at')::bigint || ' ' || coalesce((select wal_status from pg_replication_slots where slot_name = '${slot}'), 'nothing')" 2>/dev/null)`,
    `if [ -z "\${behind-}" ]; then`,
    '  echo "does not follow: the primary does not answer"',
    'elif [ "$receiver" = streaming ]; then',
    '  echo "follows, $((behind < 0 ? 0 : behind)) bytes behind"',
    'else',
    '  echo "does not follow, $behind bytes behind, and the primary answers (keeps: $kept)"',
    '  exit 1',
    'fi',
    '',
  ].join('\n');
}
