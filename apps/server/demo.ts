import type { Suite } from './compose.ts';

export interface DemoPerson {
  readonly name: string;
  readonly address: string;
  readonly password: string;
  readonly extension: string;
  readonly sip: { readonly username: string; readonly secret: string };
}

export interface Demo {
  readonly domain: string;
  readonly people: readonly DemoPerson[];
}

/** Fills an empty installation with the fictional organisation; on one that has it, only says how to sign in. */
export async function fillDemo(_suite: Suite, _say: (line: string) => void): Promise<Demo> {
  throw new Error('the demo is not there yet');
}
