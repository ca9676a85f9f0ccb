import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@liaison/core/testing';
import { poll } from './world.ts';

/** Debian's kamailio between telephones and us, at an address of its own. `stop` ends its processes. */
export interface EdgeProxy {
  readonly host: string;
  readonly port: number;
  /** What it has passed on so far, a line each: `in REGISTER`, `out INVITE`… `out` is towards a telephone. */
  passed(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Another address of the loopback than the telephones have, so that nobody takes it for one of them. */
const host = '127.0.0.2';

/**
 * It knows no telephone: it stands in the Path of their REGISTER (RFC 3327) and in the Record-Route of every dialog, and sends
 * what comes from outside to `server`.
 */
export async function startEdgeProxy(folder: string, server: { port: number }): Promise<EdgeProxy> {
  const workDir = await mkdtemp(join(folder, 'edge-'));
  const port = await freePort();
  const configFile = join(workDir, 'kamailio.cfg');
  const logFile = join(workDir, 'log');
  await writeFile(configFile, configText(port, server.port));
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', 'exec kamailio -f "$0" -DD -E -m 32 -M 8 -Y "$1" -P "$1/pid" >"$1/log" 2>&1', configFile, workDir],
    {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    },
  );
  const ended = once(child, 'exit');
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(cut);
  }
  try {
    await poll('kamailio answers', async () => {
      if (child.exitCode !== null) throw new Error(`kamailio ended: ${await log()}`);
      return isAnswering(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host,
    port,
    passed: async () =>
      [...(await log()).matchAll(/edge: ((?:in|out) [A-Z]+)/g)].map(([, line]) => line ?? ''),
    stop,
  };
}

const configText = (port: number, serverPort: number): string => `#!KAMAILIO
debug=2
log_stderror=yes
children=2
disable_tcp=yes
listen=udp:${host}:${port}
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "path.so"
modparam("path", "use_received", 1)
modparam("rr", "enable_full_lr", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if ($si == "127.0.0.1" && $sp == ${serverPort}) xlog("L_NOTICE", "edge: out $rm\\n");
  else xlog("L_NOTICE", "edge: in $rm\\n");
  if (is_method("OPTIONS") && uri == myself) {
    sl_send_reply("200", "OK");
    exit;
  }
  if (has_totag()) {
    if (loose_route()) {
      t_relay();
      exit;
    }
    if (is_method("ACK") && t_check_trans()) t_relay();
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  t_check_trans();
  if ($si == "127.0.0.1" && $sp == ${serverPort}) {
    # False for a route that ends here: then the address that the Path kept is where it goes.
    loose_route();
    record_route();
  } else {
    if (is_method("REGISTER")) {
      if (!add_path_received()) {
        sl_send_reply("503", "Internal Path Error");
        exit;
      }
    } else record_route();
    $du = "sip:127.0.0.1:${serverPort}";
  }
  t_relay();
}
`;

/** Sends it a question that it answers itself (RFC 3261 §11). */
async function isAnswering(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const own = `127.0.0.1:${socket.address().port}`;
    socket.send(
      `OPTIONS sip:${host}:${port} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};branch=z9hG4bKedge${Date.now()}\r\nMax-Forwards: 5\r\n` +
        `From: <sip:test@${own}>;tag=1\r\nTo: <sip:${host}:${port}>\r\nCall-ID: ${Date.now()}\r\nCSeq: 1 OPTIONS\r\n` +
        'Content-Length: 0\r\n\r\n',
      port,
      host,
    );
    await once(socket, 'message', { signal: AbortSignal.timeout(300) });
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
