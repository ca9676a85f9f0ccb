import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDb, type TestDb } from '@liaison/core/testing';
import type { Reach } from '@liaison/reach';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCallClaims } from './call-claims.ts';

/** What was claimed and given back, in order, each with its transaction. */
let written: { what: string; xid: string }[];
let fails: (held: Held) => boolean;
let testDb: TestDb;
let reach: Reach;
const orgId = '00000000-0000-7000-8000-000000000001';
const claim = (personId: string, kind: 'ringing' | 'call' = 'call', ref = 'call:one') => ({
  orgId,
  personId,
  kind,
  ref,
});
type Held = Parameters<Reach['release']>[0];

beforeAll(async () => {
  testDb = await createTestDb();
  const write = (verb: string) => async (held: Held) => {
    const what = `${verb} ${held.personId} ${held.kind}`;
    const xid = await testDb.db.transaction(held.orgId, async (tx) => {
      const [row] = await tx.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
      if (fails(held)) throw new Error('the database is away');
      return row!.xid;
    });
    written.push({ what, xid });
  };
  reach = {
    claim: write('claim'),
    release: write('release'),
    holds: async () => false,
    statesOf: async () => new Map(),
    usesPage: async () => false,
    onChanged: () => () => {},
  };
});
afterAll(() => testDb.close());
beforeEach(() => {
  written = [];
  fails = () => false;
});
const whats = () => written.map(({ what }) => what).sort();

describe('what calls claim about their people', () => {
  it('is given back once, and what was never claimed is not asked of the database', async () => {
    const claims = createCallClaims(reach, testDb.db);
    await claims.release(claim('alice'));
    await claims.claim(claim('alice'));
    await claims.release(claim('alice', 'ringing'));
    await claims.release(claim('alice', 'call', 'call:two'));
    await Promise.all([claims.release(claim('alice')), claims.release(claim('alice'))]);
    expect(written.map(({ what }) => what)).toEqual(['claim alice call', 'release alice call']);
  });

  it('changes in one transaction where it changes at one moment', async () => {
    const claims = createCallClaims(reach, testDb.db);
    await claims.claim(claim('bob', 'ringing'));
    await Promise.all([
      claims.claim(claim('bob', 'call')),
      claims.release(claim('bob', 'ringing')),
      claims.claim(claim('alice', 'call', 'call:two')),
    ]);
    expect(new Set(written.map(({ xid }) => xid)).size).toBe(2);
  });

  it('of two calls that claim the same person at once holds until both have given it back', async () => {
    const claims = createCallClaims(reach, testDb.db);
    const [one, two] = [claim('bob', 'ringing', 'call:one'), claim('bob', 'ringing', 'call:two')];
    await Promise.all([claims.claim(one), claims.claim(two)]);
    await Promise.all([claims.release(one), claims.release(one)]);
    expect(whats()).toEqual(['claim bob ringing', 'claim bob ringing', 'release bob ringing']);
    await claims.release(two);
    expect(whats().filter((what) => what.startsWith('release'))).toHaveLength(2);
  });

  it('fails alone: the other works of its transaction are kept', async () => {
    const claims = createCallClaims(reach, testDb.db);
    fails = ({ personId }) => personId === 'alice';
    const outcomes = await Promise.allSettled([claims.claim(claim('alice')), claims.claim(claim('bob'))]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(whats()).toEqual(['claim bob call']);
  });

  it('is given back also where nobody knows whether it was written', async () => {
    const claims = createCallClaims(reach, testDb.db);
    fails = () => true;
    await expect(claims.claim(claim('alice'))).rejects.toThrow('away');
    fails = () => false;
    await claims.release(claim('alice'));
    expect(whats()).toEqual(['release alice call']);
  });

  it('is given back later where the database was away, without anybody asking again', async () => {
    const claims = createCallClaims(reach, testDb.db, 10);
    await claims.claim(claim('alice'));
    let left = 2;
    fails = () => left-- > 0;
    await expect(claims.release(claim('alice'))).rejects.toThrow('away');
    const until = performance.now() + 20_000;
    while (!whats().includes('release alice call') && performance.now() < until) await sleep(5);
    expect(whats()).toEqual(['claim alice call', 'release alice call']);
  });
});
