import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endOnSignal, freePort, pinned, serverCore } from '../measure/server.ts';
import { mucDomain, xmppDomain } from './xmpp-room.ts';

/** How the archive is kept; said beside every figure, because it is not the same promise as ours. */
export const prosodyStorage = 'internal storage: archive appended to a file, not synced to the disk';

export interface Prosody {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Debian's prosody with rooms that keep an archive, and nothing else that costs. */
export async function startProsody(folder: string): Promise<Prosody> {
  const about = spawnSync('prosodyctl', ['about'], { encoding: 'utf8' });
  const version = /^Prosody (\S+)/m.exec(about.stdout ?? '')?.[1];
  if (version === undefined) throw new Error('prosody is not installed: apt-get install prosody');
  const port = await freePort();
  await mkdir(join(folder, 'data'), { recursive: true });
  const config = join(folder, 'prosody.cfg.lua');
  const log = join(folder, 'prosody.log');
  await writeFile(
    config,
    `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
log = { warn = "${log}" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "offline", "tls" }
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
storage = "internal"
storage_archive_item_limit = 1000000
archive_expires_after = "never"
gc = { mode = "generational" }
VirtualHost "${xmppDomain}"
Component "${mucDomain}" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true
  muc_log_all_rooms = true
  muc_room_locking = false
  max_history_messages = 20
  muc_room_default_presence_broadcast = { visitor = false, participant = false, moderator = false }
`,
  );
  const [program, args] = pinned(serverCore, 'prosody', ['--config', config, '-F']);
  const child = spawn(program, args, { stdio: 'ignore' });
  endOnSignal(child);
  const deadline = Date.now() + 15_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`prosody did not start: ${await readFile(log, 'utf8').catch(() => '')}`);
    }
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid: child.pid!,
    port,
    version,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}
