import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `npm run telephones`: all tests with other people's clients, and then the table of docs/operations/telephones.md. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
spawn(process.execPath, [vitest, 'run', '--config', 'tests/vitest.interop.config.ts', 'tests/interop'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, LIAISON_WRITE_TELEPHONES: '1' },
}).once('exit', (code) => {
  process.exitCode = code ?? 1;
});
