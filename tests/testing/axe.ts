import type { Page } from 'playwright-core';

/** One rule that a page breaks, and where. */
export interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * What axe finds on a page now, by the rules of WCAG 2.2 AA. Only what is wrong leaves the page: all that is right would be
 * many times as much.
 *
 * @param source of `axe-core`, on which whoever asks depends.
 */
export async function axeViolations(page: Page, source: string): Promise<readonly AxeViolation[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(source);
  return await page.evaluate(
    // The rule that is left out is experimental, and wants all visible text in a name: a card's is the person and the state.
    `axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      rules: { 'label-content-name-mismatch': { enabled: false } },
      resultTypes: ['violations'],
    }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html: html.slice(0, 200) })) })))`,
  );
}
