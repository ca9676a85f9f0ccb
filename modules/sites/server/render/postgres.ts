import type { Deployment, ManagedPostgres, Site } from '../../contract/index.ts';
import { ordinary, type Program, type ServiceName } from './program.ts';
import { askSeconds, standbyLines } from './standby.ts';

/** The volume's place in PostgreSQL's own image; the cluster lies in a folder of its own below it. */
const volume = '/var/lib/postgresql';
const cluster = `${volume}/liaison`;

/** PostgreSQL 18: the primary, and its streaming standby. */
export function postgresPrograms(deployment: Deployment, site: Site): Program[] {
  const { postgres } = site;
  if (postgres.kind !== 'managed') return [];
  const secrets = [
    postgres.password,
    ...(postgres.replicationPassword ? [postgres.replicationPassword] : []),
  ];
  const one = (role: 'primary' | 'standby', node: string): Program => ({
    ...ordinary,
    name: role === 'primary' ? 'postgres' : 'postgres-standby',
    purpose:
      role === 'primary'
        ? 'PostgreSQL: everything that people have written'
        : 'PostgreSQL: the streaming copy on another node',
    image: deployment.images.postgres,
    entrypoint: ['/bin/bash', '/etc/liaison/start-postgres', role],
    // The name of a primary that is gone is asked for outside of the site, where perhaps nobody answers; until somebody does, a
    // copy can neither be ended nor promoted. Names of the site itself are answered at once.
    environment: { RES_OPTIONS: 'timeout:1 attempts:1' },
    // The user of PostgreSQL's own image.
    user: '999:999',
    configs: [
      { config: 'start-postgres', target: '/etc/liaison/start-postgres' },
      { config: 'postgresql.conf', target: '/etc/liaison/postgresql.conf' },
      { config: 'pg_hba.conf', target: '/etc/liaison/pg_hba.conf' },
      ...(role === 'standby' ? [{ config: 'standby-health', target: '/etc/liaison/standby-health' }] : []),
    ],
    secrets: secrets.map(({ secret }) => secret),
    // One name on every node, so that the roles can change places without moving data.
    volumes: [{ kind: 'named', name: 'postgres', target: volume, shared: false }],
    scratch: [
      { target: '/tmp', sizeMb: 64 },
      { target: '/dev/shm', sizeMb: Math.min(1024, Math.ceil(postgres.memoryMb / 4)) },
    ],
    health: {
      test:
        role === 'standby'
          ? ['CMD', '/bin/bash', '/etc/liaison/standby-health']
          : // Whether it takes connections; who it lets in is not asked ten times a minute.
            ['CMD', '/bin/bash', '-c', ': </dev/tcp/127.0.0.1/5432'],
      // The copy's asks itself and then the primary, each within `askSeconds`.
      ...(role === 'standby' ? { timeoutSeconds: 2 * askSeconds + 2 } : {}),
      // A recovery after a crash, or the first copy to a standby, may take long.
      startSeconds: role === 'primary' ? 300 : 3600,
    },
    onePerNode: true,
    // Who is the primary is changed by the description alone: an orchestrator that took that back would put the copy on the
    // node of the primary, or the primary on data that is fenced.
    returnsByItself: false,
    nodes: [node],
    memoryMb: postgres.memoryMb,
    cpus: postgres.cpus,
    graceSeconds: 90,
    // A fast shutdown: sessions are ended, everything is written.
    stopSignal: 'SIGINT',
  });
  return [
    one('primary', postgres.primary),
    ...(postgres.standby === undefined ? [] : [one('standby', postgres.standby)]),
  ];
}

export function postgresConf(postgres: ManagedPostgres): string {
  const synchronous = postgres.standby !== undefined && postgres.replication === 'synchronous';
  return [
    "listen_addresses = '*'",
    'port = 5432',
    "unix_socket_directories = '/tmp'",
    "hba_file = '/etc/liaison/pg_hba.conf'",
    'password_encryption = scram-sha-256',
    `max_connections = ${postgres.connections}`,
    `shared_buffers = ${Math.floor(postgres.memoryMb / 4)}MB`,
    `effective_cache_size = ${Math.floor((postgres.memoryMb * 3) / 4)}MB`,
    'wal_level = replica',
    'max_wal_senders = 6',
    'max_replication_slots = 6',
    // A standby that never returns must not fill the primary's disk; one that was away for more is made anew.
    `max_slot_wal_keep_size = ${postgres.keptLogMb}MB`,
    'hot_standby = on',
    `synchronous_standby_names = '${synchronous ? 'FIRST 1 (standby)' : ''}'`,
    // A connection whose other end is gone is noticed within half a minute.
    'tcp_keepalives_idle = 10',
    'tcp_keepalives_interval = 5',
    'tcp_keepalives_count = 3',
    'wal_sender_timeout = 10s',
    'wal_receiver_timeout = 10s',
    "log_destination = 'stderr'",
    "log_line_prefix = '%m [%p] %u '",
    "log_timezone = 'UTC'",
    "timezone = 'UTC'",
    '',
  ].join('\n');
}

/** Only from the site's own network, only with a password. */
export function postgresAccess(site: Pick<Site, 'subnet'>): string {
  return [
    `host all all ${site.subnet} scram-sha-256`,
    'host all all 127.0.0.1/32 scram-sha-256',
    `host replication replicator ${site.subnet} scram-sha-256`,
    '',
  ].join('\n');
}

/**
 * Makes the cluster, or the copy of it, where there is none, and becomes PostgreSQL. What is made has another name until it
 * is complete, so that a container killed half-way leaves nothing that looks like a database. The epoch stands beside the
 * data: a description that is older than a change of primary does not start the old one again.
 */
export function postgresStart(postgres: ManagedPostgres, nameOf: ServiceName): string {
  const password = `/run/secrets/${postgres.password.secret}`;
  const replication = postgres.replicationPassword && `/run/secrets/${postgres.replicationPassword.secret}`;
  return [
    '#!/bin/bash',
    '# start-postgres primary|standby: makes the cluster, or a copy of the primary, where there is none, and runs it.',
    'set -euo pipefail',
    'umask 077',
    `role=$1 epoch=${postgres.epoch} cluster=${cluster} partial=${cluster}.partial`,
    'refuse() {',
    '  echo "liaison: $1 · $2" >&2',
    '  exit 1',
    '}',
    '# The first process of a container is ended by no signal unless it says so.',
    "trap 'exit 130' INT TERM",
    '# While primary and standby change places, both are on this node for a moment, and PostgreSQL in another container is',
    '# not seen by its process number: whoever has this file open has the data, until the last of its processes is gone.',
    'exec 9>"$cluster.lock"',
    'until flock --nonblock 9; do',
    `  [ -n "\${waiting-}" ] || echo "liaison: waiting for the other PostgreSQL of this node to end" >&2`,
    '  waiting=yes',
    '  sleep 1',
    'done',
    'seen=$(cat "$cluster.epoch" 2>/dev/null || echo 0)',
    '[ "$seen" -le "$epoch" ] ||',
    '  refuse "this database has seen epoch $seen, and the description says $epoch" "postgres.epoch: deploy the newest description"',
    'rm -rf "$partial"',
    'if [ ! -e "$cluster/PG_VERSION" ] && [ "$role" = primary ]; then',
    `  initdb --pgdata "$partial" --username postgres --pwfile ${password} --auth scram-sha-256 \\`,
    '    --encoding UTF8 --locale C --locale-provider builtin --builtin-locale C.UTF-8 --no-instructions',
    '  postgres --single -D "$partial" postgres <<<"CREATE DATABASE liaison"',
    ...(replication === undefined
      ? []
      : [
          `  replication=$(<${replication})`,
          '  [[ $replication =~ ^[A-Za-z0-9._~-]+$ ]] ||',
          '    refuse "the replication password has other signs than letters and digits" "make another one"',
          `  postgres --single -D "$partial" postgres <<<"CREATE ROLE replicator LOGIN REPLICATION PASSWORD '$replication'"`,
        ]),
    '  mv "$partial" "$cluster"',
    'fi',
    ...(replication === undefined
      ? []
      : standbyLines({ replicationPassword: replication, primary: nameOf('postgres') })),
    'if [ "$role" = primary ] && [ -e "$cluster/standby.signal" ]; then',
    '  refuse "the data of this node is a standby\'s" "postgres.primary: name the other node, or promote this one first"',
    'fi',
    'echo "$epoch" >"$cluster.epoch"',
    '# Its number in there may be that of another program of this container; whoever has the lock above is alone.',
    'rm -f "$cluster/postmaster.pid"',
    'trap - INT TERM',
    'exec postgres -D "$cluster" -c config_file=/etc/liaison/postgresql.conf',
    '',
  ].join('\n');
}
