/**
 * `node --import` it before the server: leaves out who follows what happens, so that what each costs is the difference. What it stands in
 * for does nothing; everything else is the program as it is.
 */
import { registerHooks } from 'node:module';

/** What is left out, by the file that begins it. */
const parts: Readonly<Record<string, { file: string; source: string }>> = {
  // Search, the index of numbers, and texts of files.
  content: {
    file: 'core/content/index-content.ts',
    source: 'export const indexContent = () => ({ readAnew: async () => {} });',
  },
  news: {
    file: 'modules/notify/server/follow-events.ts',
    source: 'export const followEvents = () => {};',
  },
};

const without = (process.env.BENCH_WITHOUT ?? '').split(',').filter(Boolean);
const stoodInFor = without.map((name) => {
  const part = parts[name];
  if (!part) throw new Error(`there is no part called ${name}: ${Object.keys(parts).join(', ')}`);
  return { url: new URL(`../../../${part.file}`, import.meta.url).href, source: part.source };
});

registerHooks({
  load(url, context, next) {
    const part = stoodInFor.find((each) => each.url === url);
    return part ? { format: 'module', source: part.source, shortCircuit: true } : next(url, context);
  },
});
