// Copies a PostgreSQL 18 with Debian's pg_basebackup, which refuses servers that are newer than itself and speaks the same
// protocol: between the two, the server says that it is as old as the program. For the images of tests alone.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const args = process.argv.slice(2);
const conninfo = args[args.indexOf('--dbname') + 1] ?? '';
const [, host] = /\bhost=(\S+)/.exec(conninfo) ?? [];
const [, port] = /\bport=(\d+)/.exec(conninfo) ?? [];

const newer = Buffer.from('server_version\x0018.');
const older = Buffer.from('server_version\x0015.');
const server = createServer((client) => {
  const postgres = connect(Number(port), host);
  for (const [end, other] of [
    [client, postgres],
    [postgres, client],
  ]) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
  client.pipe(postgres);
  let said = false;
  postgres.on('data', (chunk) => {
    // Among the first parameters of a session, all of which come at once.
    const at = said ? -1 : chunk.indexOf(newer);
    if (at >= 0) {
      older.copy(chunk, at);
      said = true;
    }
    if (!client.write(chunk)) postgres.pause();
  });
  client.on('drain', () => postgres.resume());
  postgres.on('end', () => client.end());
});
server.listen(0, '127.0.0.1', () => {
  const ours = `host=127.0.0.1 port=${server.address().port}`;
  const program = spawn(
    '/usr/local/debian/bin/pg_basebackup',
    args.map((arg) => (arg === conninfo ? arg.replace(/\bhost=\S+ port=\d+/, ours) : arg)),
    { stdio: 'inherit', env: { ...process.env, LD_LIBRARY_PATH: '/usr/local/debian/lib' } },
  );
  program.on('error', () => process.exit(1));
  program.on('exit', (code) => process.exit(code ?? 1));
});
