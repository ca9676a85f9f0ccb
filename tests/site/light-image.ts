import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DockerEngine } from '../testing/docker-engine.ts';

const run = promisify(execFile);
const health = fileURLToPath(new URL('../../deploy/image/health.sh', import.meta.url));

/** What the start scripts of a site call, and what stands in for its programs. */
const programs = [
  'bash',
  'perl',
  'cat',
  'chown',
  'du',
  'flock',
  'grep',
  'install',
  'mkdir',
  'mv',
  'rm',
  'sleep',
  'tail',
  'tar',
  'timeout',
  'touch',
];

/**
 * Answers every request with 200 on the ports that a program of that name listens on: a site of it is deployed, is healthy, is
 * updated and drained as the real one, and takes 3 MB for each service.
 */
const listener = `#!/usr/bin/perl
use strict; use Socket;
my ($name) = $0 =~ m{([^/]+)$};
if (-e '/broken' && $name eq 'node') { print STDERR "liaison: this build is broken on purpose\\n"; exit 1 }
exit 0 if ($ARGV[0] // '') eq '--single';
my %ports = (postgres => 5432, node => 8080, 'nats-server' => 8222, caddy => 8081);
$SIG{TERM} = $SIG{INT} = sub { exit 0 }; $SIG{PIPE} = 'IGNORE';
socket(my $server, PF_INET, SOCK_STREAM, 0) or die $!;
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in($ports{$name}, INADDR_ANY)) or die $!;
listen($server, 20);
print STDERR "$name listens\\n";
while (1) {
  accept(my $client, $server) or next;
  sysread($client, my $request, 4096);
  syswrite($client, "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok");
  close($client);
}
`;

/** What of PostgreSQL a site's start script calls: a folder stands for the database, and a file in it for being a standby. */
const postgresTools: Readonly<Record<string, string>> = {
  initdb: '#!/bin/bash\nmkdir -p "$2" && echo 18 >"$2/PG_VERSION"\n',
  pg_basebackup: `#!/bin/bash\n[[ $4 =~ host=([^ ]+) ]] && : <"/dev/tcp/\${BASH_REMATCH[1]}/5432" && mkdir -p "$2" && echo 18 >"$2/PG_VERSION"\n`,
  pg_ctl: '#!/bin/bash\n[ "$1" != promote ] || rm "$3/standby.signal"\n',
  // Who writes to one that has ended is ended for it: what is given to it is read.
  psql: `#!/bin/bash
[[ $* != *ON_ERROR_STOP* ]] || cat >/dev/null
if [[ $* =~ host=([^ ]+) ]]; then : <"/dev/tcp/\${BASH_REMATCH[1]}/5432" || exit 2; fi
case "$*" in
  *core.migration*) echo '[["chat/0001-messages", ""], ["chat/0002-less", "1.0.0"]]' ;;
  *pg_wal_lsn_diff*) echo '0 reserved' ;;
  *pg_is_in_recovery*) [ -e /var/lib/postgresql/liaison/standby.signal ] && echo 't streaming 0/0' || echo 'f none 0/0' ;;
  *wal_status*) echo reserved ;;
esac
`,
};

/**
 * The operator's program inside of a process: its doctor finds a fault where a version begins with `sick` or the blobs are, and the one backup that
 * it knows is opened by an identity that it is given, in some seconds.
 */
const operator = `#!/bin/bash
if [ "$1" = restore-part ]; then
  asked=$(cat)
  if [[ $asked != *AGE-SECRET-KEY-1* ]]; then echo 'liaison: the backup is encrypted to another key' >&2; exit 1; fi
  if [ ! -e /backups/eu/bases/one/base.json ]; then echo 'liaison: /backups/eu holds no whole backup' >&2; exit 1; fi
  case "$2" in
    look)
      key=; [[ $asked != *'"base":"foreign"'* ]] || key=',"masterKey":"00"'
      echo '{"id":"one","endedAt":"2026-11-23T08:00:00.000Z","program":"1.0.0","postgresMajor":18,"databaseBytes":9000000,"blobs":{"count":3,"bytes":30},"log":{"folder":"wal/7/00000001/","from":"0000000000000020","pieces":2,"until":"2026-11-23T09:00:00.000Z","hasGap":false}'"$key}"
      ;;
    keys) echo '{"keys/master.key":"b2YgdGhlIGJhY2t1cA=="}' ;;
    database)
      for piece in 30-40 40-50; do
        [ -e "/backups/eu/wal/7/00000001/00000000000000\${piece%-*}-00000000000000\${piece#*-}.zst.age" ] || { echo "liaison: $piece is missing" >&2; exit 1; }
      done
      [ ! -e /backups/eu/wal/7/00000001/0000000000000010-0000000000000018.zst.age ] || { echo 'liaison: old log was brought' >&2; exit 1; }
      for part in 1 2 3 4; do echo "Restoring the database: $part of 4" >&2; sleep 2; done
      mkdir "$3" && echo 18 >"$3/PG_VERSION" && echo one >"$3/restored" && chown -R 999:999 "$3" && echo '{}'
      ;;
    blobs) echo one >/blobs/restored && echo '{}' ;;
  esac
  exit
fi
[ "$1" = doctor ] || exit 2
echo 'ok  server       it is there'
[[ " $* " != *' --without message '* ]] || exit 0
[ ! -e /sick ] && [ ! -e /blobs/sick ] || { echo 'XX  message      nobody hears of a message'; exit 1; }
`;

/**
 * Gives engines the images of a light site, without a registry and without Debian: `NAME:VERSION` for each version, where a
 * version that begins with `broken` ends at once, and one that begins with `0.` does not know the database's newest migration.
 *
 * @param folder is used and removed
 */
export async function makeLightImages(
  engines: readonly DockerEngine[],
  { name, versions, folder }: { name: string; versions: readonly string[]; folder: string },
): Promise<void> {
  try {
    const root = join(folder, 'root');
    for (const place of [
      'usr/bin',
      'liaison/deploy/image',
      'data',
      'tmp',
      'etc',
      'run',
      'proc',
      'dev',
      'sys',
    ])
      await mkdir(join(root, place), { recursive: true });
    for (const [from, to] of [
      ['usr/bin', 'bin'],
      ['usr/lib', 'lib'],
      ['usr/lib64', 'lib64'],
    ] as const) {
      await mkdir(join(root, from), { recursive: true });
      await symlink(from, join(root, to));
    }
    for (const program of programs) {
      const { stdout } = await run('bash', ['-c', 'readlink -f "$(command -v "$1")"', 'find', program]);
      await copyProgram(stdout.trim(), join(root, 'usr/bin', program), root);
    }
    await symlink('bash', join(root, 'usr/bin/sh'));
    const { stdout: include } = await run('perl', ['-e', 'print grep { m{/perl-base$} } @INC']);
    await cp(include, join(root, include), { recursive: true });
    await copyFile(health, join(root, 'liaison/deploy/image/health.sh'));
    const listeners = ['node', 'nats-server', 'caddy', 'postgres'].map(
      (program) => [program, listener] as const,
    );
    for (const [program, script] of [
      ...listeners,
      ...Object.entries(postgresTools),
      ['liaison', operator] as const,
    ]) {
      await writeFile(join(root, 'usr/bin', program), script);
      await chmod(join(root, 'usr/bin', program), 0o755);
    }
    await mkdir(join(root, 'var/lib/postgresql'), { recursive: true });
    await chown(join(root, 'var/lib/postgresql'), 999, 999);
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/bash\n');
    await chmod(join(root, 'tmp'), 0o1777);
    await chmod(join(root, 'data'), 0o1777);
    for (const version of versions) {
      if (version.startsWith('broken')) await writeFile(join(root, 'broken'), '');
      else await rm(join(root, 'broken'), { force: true });
      if (version.startsWith('sick')) await writeFile(join(root, 'sick'), '');
      else await rm(join(root, 'sick'), { force: true });
      const migrations = join(root, 'liaison/modules/chat/server/migrations');
      await rm(migrations, { recursive: true, force: true });
      await mkdir(migrations, { recursive: true });
      for (const name of ['0001-messages', ...(version.startsWith('0.') ? [] : ['0002-less'])])
        await writeFile(join(migrations, `${name}.sql`), '');
      const archive = join(folder, 'image.tar');
      await run('tar', ['--numeric-owner', '-C', root, '-cf', archive, '.']);
      const changes = [`LABEL version=${version}`, 'ENV PATH=/usr/bin', 'WORKDIR /liaison', 'VOLUME /data'];
      await Promise.all(
        engines.map((engine) =>
          engine.docker([
            'import',
            ...changes.flatMap((change) => ['--change', change]),
            archive,
            `${name}:${version}`,
          ]),
        ),
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** With the libraries that it is linked to, each at its own path. */
async function copyProgram(from: string, to: string, root: string): Promise<void> {
  await copyFile(from, to);
  const { stdout } = await run('ldd', [from]);
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    const place = join(root, 'usr', library.replace(/^\/usr/, ''));
    await mkdir(dirname(place), { recursive: true });
    await copyFile(library, place);
  }
}
