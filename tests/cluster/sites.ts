import { expect, test } from 'vitest';
import type { TwoProcesses } from './two-processes.ts';

interface Answer {
  readonly installation: {
    readonly bus: string;
    readonly processes: readonly { pid: number; alive: boolean; hears: number; duties: readonly string[] }[];
  } | null;
}

/** The administration at either process shows both, and that they hear each other. */
export function sites(stage: () => TwoProcesses): void {
  test('an administrator sees every process from each of them', async () => {
    const { cluster, a, b, alice } = stage();
    for (const at of [a, b]) {
      await expect
        .poll(
          async () => {
            const { body } = await cluster.ask<Answer>(at, alice, 'GET', '/sites/installation');
            const living = body.installation?.processes.filter(({ alive }) => alive) ?? [];
            return [body.installation?.bus, living.length, living.every(({ hears }) => hears === 1)];
          },
          { timeout: 30_000, interval: 500 },
        )
        .toEqual(['nats', 2, true]);
    }
  }, 70_000);
}
