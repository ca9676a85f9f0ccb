import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Good practice that is no criterion of WCAG, or of which axe is not sure yet, and that every page of ours keeps. */
const alsoKept = [
  'page-has-heading-one',
  'heading-order',
  'landmark-one-main',
  'region',
  'label-content-name-mismatch',
];

const options = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  rules: Object.fromEntries(alsoKept.map((rule) => [rule, { enabled: true }])),
  resultTypes: ['violations'],
};

let source: Promise<string> | undefined;

/** What axe finds on a page as it is now, by the rules of WCAG 2.2 AA and a few more: each rule and where it is broken. */
export async function axeFaults(page: Page): Promise<string[]> {
  // A page that is not drawn yet has no fault. One that never has a title is told of by the first of those rules.
  await page
    .locator('h1')
    .first()
    .waitFor({ state: 'attached', timeout: 20_000 })
    .catch(() => {});
  // Colours on their way from one to the other are neither. Frames are asked for: what moves outside of the window has none of
  // its own, and its end would never be told.
  await page.evaluate(async () => {
    const deadline = performance.now() + 10_000;
    const isMoving = () =>
      document
        .getAnimations()
        .some(
          ({ effect, playState }) =>
            playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime),
        );
    while (isMoving() && performance.now() < deadline) await new Promise(requestAnimationFrame);
  });
  source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(await source);
  // Only what is wrong leaves the page: all that is right would be many times as much.
  return page.evaluate<string[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join('\\n    ')))`,
  );
}
