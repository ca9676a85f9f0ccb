import { reportFatal } from '@liaison/core/config';
import { run } from './run.ts';

try {
  await run({ environment: process.env, demo: process.argv.includes('--demo') });
} catch (error) {
  reportFatal(error);
  process.exit(1);
}
