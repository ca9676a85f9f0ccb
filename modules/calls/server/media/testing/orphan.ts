/** A parent to be killed by a test: starts a media process, tells its pid, and waits. */

import { createMediaPool } from '../media.ts';

const quiet = () => {};
const pool = createMediaPool({
  rtpPorts: { min: 0, max: 0 },
  advertise: '127.0.0.1',
  bind: '127.0.0.1',
  log: { info: quiet, warn: quiet, error: quiet },
});
await pool.createRelay();
process.stdout.write(`${pool.stats().processes.join(' ')}\n`);
setInterval(quiet, 60_000);
