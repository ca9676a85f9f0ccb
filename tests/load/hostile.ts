// npm run soak -- hostile [--count N] [--seed N]: seeded mutations of SIP, SDP, RTP and STUN against the whole suite.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** `npm test` sends a tenth of these. */
const defaultCount = 5000;

/** Runs the attack of tests/hostile-telephony.test.ts, longer; answers its exit status. */
export async function runHostile(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: String(defaultCount) }, seed: { type: 'string' } },
  });
  const count = Number(values.count);
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  const isSeed = seed === undefined || (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
  if (!Number.isInteger(count) || count < 100 || count > 1_000_000 || !isSeed) {
    process.stderr.write('npm run soak -- hostile [--count 100..1000000] [--seed 0..4294967295]\n');
    return 2;
  }
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const test = spawn('npx', ['vitest', 'run', 'tests/hostile-telephony.test.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LIAISON_HOSTILE_COUNT: String(count),
      ...(seed === undefined ? {} : { LIAISON_HOSTILE_SEED: String(seed) }),
    },
  });
  return await new Promise((resolve, reject) => {
    test.once('error', reject);
    test.once('exit', (status) => resolve(status ?? 1));
  });
}
