import { api, browserLanguage } from '@liaison/core/web';
import { getSession, type SessionState } from '@liaison/people';

// Runs by itself before the rest of the page has come, and asks at once for what its first drawing waits for. Keep it
// small: `build/early.ts` lets it overtake everything else.

/** Who is here: the answer to the question that was asked before anybody could wait for it. */
export const firstAnswer: Promise<SessionState> = api(getSession);
// Whoever takes it hears of the failure; until then it is nobody's.
firstAnswer.catch(() => {});

/** The shell's own words. In the build all words of the first screen are one file per language, so this fetches them all. */
export const shellStrings = {
  en: () => import('./strings/en.json', { with: { type: 'json' } }),
  fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
  es: () => import('./strings/es.json', { with: { type: 'json' } }),
  pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
};
shellStrings[browserLanguage()]().catch(() => {});
