import type { Reach } from '@liaison/reach';
import { expect, it } from 'vitest';
import { createFeatures } from './features.ts';

const who = { orgId: 'org', personId: 'ines' };

it('*76 goes by what she said last, and not by the call that she is in', async () => {
  const claims = new Set(['call:1 call']);
  const key = ({ ref, kind }: { ref: string; kind: string }) => `${ref} ${kind}`;
  const reach: Pick<Reach, 'claim' | 'release' | 'holds'> = {
    claim: async (claim) => void claims.add(key(claim)),
    release: async (claim) => void claims.delete(key(claim)),
    holds: async (claim) => claims.has(key(claim)),
  };
  const features = createFeatures({ reach });
  for (const isOn of [true, false, true]) {
    await features.serve('dnd-toggle', who);
    expect(claims.has('by-hand dnd')).toBe(isOn);
    expect(claims.has('call:1 call')).toBe(true);
  }
});
