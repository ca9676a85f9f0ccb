import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { axeFaults } from './axe.ts';

/** Fails the test for what axe finds on a page as it is now; what comes after is tried all the same. */
export async function expectAccessible(page: Page, when?: string): Promise<void> {
  const faults = await axeFaults(page);
  const where = new URL(page.url()).pathname;
  expect.soft(faults.join('\n'), when ? `${where}, ${when}` : where).toBe('');
}
