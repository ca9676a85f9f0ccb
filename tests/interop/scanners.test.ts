import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { register } from '../testing/sip-probe.ts';
import { hearEachOther, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Debian's sipvicious, as strangers run it against every telephone line, from an address of its own. */
let lab: TelephoneLab;
const stranger = '127.0.0.9';
/** Fifty, of which two are there. */
const extensions = '4101-4150';
const run = promisify(execFile);

beforeAll(async () => {
  lab = await openTelephoneLab();
});
afterAll(() => lab?.close());

/** What it printed; it ends with a status other than 0 when it gives up, which is as well. */
async function scan(program: string, args: readonly string[]): Promise<string> {
  const common = ['-b', stranger, '-P', String(await freePort()), '-p', String(lab.portOf('udp'))];
  const options = { timeout: 30_000, env: { ...process.env, HOME: lab.folder } };
  const { stdout, stderr } = await run(program, [...common, ...args, '127.0.0.1'], options).catch(
    (error: { stdout?: string; stderr?: string; code?: unknown }) => {
      if (typeof error.code !== 'number') throw error;
      return { stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
    },
  );
  return stdout + stderr;
}

it('finds none of 50 extensions, guesses no secret and is held up, while the real telephones go on', async () => {
  const [alice, bob] = [lab.alice, lab.bob];
  const a = await lab.telephone(alice, { hz: 440, answerMode: 'auto' });
  const b = await lab.telephone(bob, { hz: 880, answerMode: 'auto' });

  for (const method of ['REGISTER', 'OPTIONS', 'INVITE']) {
    const printed = await scan('svwar', ['--force', '-m', method, '-e', extensions]);
    expect(printed, method).not.toMatch(/\b41\d\d\b.*\b(?:reqauth|noauth|weird)/);
    expect(printed, method).toMatch(/found nothing/);
  }

  // The right secret is the twentieth of its words.
  const { username, secret } = await lab.running.telephone(alice);
  const words = join(lab.folder, 'words');
  await writeFile(
    words,
    [...Array.from({ length: 19 }, (_, at) => `guess-${at}`), secret, 'last', ''].join('\n'),
  );
  const guessed = await scan('svcrack', ['-u', username, '-d', words, '--domain', lab.domain]);
  expect(guessed).not.toContain(secret);
  // It gives up by itself at some answers; one that does not is held up, and then the right secret is no use to it either.
  const who = { username, secret, addressOfRecord: `${username}@${lab.domain}` };
  const port = lab.portOf('udp');
  for (let guess = 0; guess < 19; guess++)
    expect([401, 403, 503]).toContain(
      await register(port, { ...who, secret: `wrong-${guess}` }, 5000, stranger),
    );
  expect([403, 503]).toContain(await register(port, who, 5000, stranger));

  // From where no stranger is, all is as before.
  expect(await register(port, who)).toBe(200);
  await a.dial(lab.addressOf(bob));
  await a.waitFor('CALL_ESTABLISHED');
  await hearEachOther(a, b);
  await shown({
    client: 'sipvicious',
    transport: 'UDP',
    codec: '–',
    encryption: '–',
    network: 'from a stranger',
    sound: '–',
    result: '0 of 50 extensions found, held up within 20 guesses',
  });
});
