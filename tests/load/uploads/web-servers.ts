import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endOnSignal, freePort, pinned, serverCore } from '../measure/server.ts';

/** A web server of Debian's that stores what is PUT below `files/`. */
export interface WebServer {
  readonly pid: number;
  readonly url: string;
  readonly version: string;
  /** Where a file of that name lies. */
  pathOf(name: string): string;
  stop(): Promise<void>;
}

/** nginx with one worker, which takes a PUT into a file beside its place and renames it; it syncs nothing. */
export async function startNginx(folder: string): Promise<WebServer> {
  const version = versionOf('nginx', ['-v'], /nginx\/(\S+)/, 'apt-get install nginx-light');
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  const port = await freePort();
  const log = join(folder, 'nginx.log');
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${log} warn;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_max_body_size 0;
  client_body_temp_path ${folder}/temp;
  proxy_temp_path ${folder}/none; fastcgi_temp_path ${folder}/none;
  uwsgi_temp_path ${folder}/none; scgi_temp_path ${folder}/none;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location /files/ { dav_methods PUT; create_full_put_path on; }
  }
}
`,
  );
  return run({ name: 'nginx', args: ['-p', folder, '-c', config, '-e', log], folder, port, version, log });
}

/** apache with mod_dav as Debian configures it: it writes a file beside its place and renames it, and syncs nothing. */
export async function startApache(folder: string): Promise<WebServer> {
  const version = versionOf('apache2', ['-v'], /Apache\/(\S+)/, 'apt-get install apache2');
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  // It refuses to serve as root.
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'www-data'], { encoding: 'utf8' })),
  ) as [number, number];
  for (const each of [folder, files]) {
    await chown(each, uid, gid);
    await chmod(each, 0o755);
  }
  const port = await freePort();
  const log = join(folder, 'apache.log');
  const config = join(folder, 'apache.conf');
  const modules = ['mpm_event', 'authz_core', 'dav', 'dav_fs']
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
    .join('\n');
  await writeFile(
    config,
    `
${modules}
ServerName localhost
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${log}
LogLevel warn
User www-data
Group www-data
Listen 127.0.0.1:${port}
KeepAlive On
MaxKeepAliveRequests 0
DocumentRoot ${folder}
DavLockDB ${folder}/locks
<Directory ${folder}>
  Require all granted
</Directory>
<Location /files>
  Dav On
</Location>
`,
  );
  return run({ name: 'apache2', args: ['-f', config, '-DFOREGROUND'], folder, port, version, log });
}

function versionOf(program: string, args: readonly string[], pattern: RegExp, install: string): string {
  try {
    // nginx says it on its other output.
    const said = execFileSync('sh', ['-c', `${program} ${args.join(' ')} 2>&1`], { encoding: 'utf8' });
    const [, version] = pattern.exec(said) ?? [];
    if (version !== undefined) return version;
  } catch {
    // Said below.
  }
  throw new Error(`${program} is not installed: ${install}`);
}

async function run(server: {
  name: string;
  args: readonly string[];
  folder: string;
  port: number;
  version: string;
  log: string;
}): Promise<WebServer> {
  const [program, args] = pinned(serverCore, server.name, server.args);
  const child = spawn(program, args, { stdio: 'ignore' });
  endOnSignal(child);
  const url = `http://127.0.0.1:${server.port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  for (const deadline = Date.now() + 15_000; ; ) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      const said = await readFile(server.log, 'utf8').catch(() => '');
      throw new Error(`${server.name} did not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    pid: child.pid!,
    url,
    version: server.version,
    pathOf: (name) => join(server.folder, 'files', name),
    stop,
  };
}
