import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../contract/index.ts';
import { createIds } from '../ids/index.ts';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import { createNames, normalizeName } from './index.ts';

let test: TestDb;
const ids = createIds({ site: 1 });
const names = createNames({ site: 1 });
const here = ids.next();
const there = ids.next();

beforeAll(async () => {
  test = await createTestDb();
});
afterAll(() => test.close());

const reserve = (
  orgId: string,
  kind: 'address' | 'domain' | 'handle' | 'extension',
  name: string,
  holderId = ids.next(),
) => test.db.transaction(orgId, (tx) => names.reserve(tx, { kind, name, holderId }));
const taken = expect.objectContaining({ status: 409, code: 'name-taken' });

describe('reserving a name', () => {
  it('gives it to one of twenty who ask at once', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        reserve(i % 2 === 0 ? here : there, 'address', 'race@estuaria.example'),
      ),
    );
    const winners = answers.filter((answer) => answer.status === 'fulfilled');
    const refusals = answers.filter((answer) => answer.status === 'rejected');
    expect(winners).toHaveLength(1);
    for (const { reason } of refusals) expect(reason).toEqual(taken);
  });

  it('gives an extension of one organisation to one of twenty who ask at once', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => reserve(here, 'extension', '777')),
    );
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('may be repeated by its holder', async () => {
    const holderId = ids.next();
    await reserve(here, 'handle', 'ines', holderId);
    await reserve(here, 'handle', 'INES', holderId);
    await expect(reserve(here, 'handle', 'Inês'.normalize('NFD'), holderId)).resolves.toBeUndefined();
    await expect(reserve(here, 'handle', 'ines')).rejects.toEqual(taken);
  });

  it('is undone with its transaction', async () => {
    const holderId = ids.next();
    await expect(
      test.db.transaction(here, async (tx) => {
        await names.reserve(tx, { kind: 'address', name: 'undone@estuaria.example', holderId });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await reserve(there, 'address', 'undone@estuaria.example');
  });

  it('offers the first extension that is free after the last one given, of this organisation alone', async () => {
    const counting = ids.next();
    const free = () => test.db.read(counting, (tx) => names.freeExtension(tx));
    expect(await free()).toBe('200');
    await reserve(counting, 'extension', '4101');
    expect(await free()).toBe('4102');
    await reserve(there, 'extension', '4102');
    expect(await free()).toBe('4102');
    await reserve(counting, 'extension', '4103');
    await reserve(counting, 'extension', '4102');
    expect(await free()).toBe('4104');
    await reserve(counting, 'extension', '007');
    expect(await free()).toBe('4104');
  });

  it('lets two organisations have the same extension and handle', async () => {
    await reserve(here, 'extension', '201');
    await reserve(there, 'extension', '201');
    await reserve(here, 'handle', 'team');
    await reserve(there, 'handle', 'team');
    await expect(reserve(here, 'extension', '201')).rejects.toEqual(taken);
  });

  it('belongs to the home site of the organisation alone', async () => {
    const orgId = ids.next();
    await test.admin(
      "insert into core.space (id, org_id, kind, name, home_site) values ($1, $1, 'organisation', 'Far', 2)",
      [orgId],
    );
    await expect(reserve(orgId, 'extension', '300')).rejects.toEqual(
      expect.objectContaining({ status: 503, code: 'home-site-unreachable' }),
    );
  });
});

describe('a name of another organisation', () => {
  it('is refused without being shown', async () => {
    const holderId = ids.next();
    await reserve(here, 'address', 'secret@estuaria.example', holderId);
    const refusal = await reserve(there, 'address', 'Secret@ESTUARIA.example').catch(
      (error: unknown) => error,
    );
    expect(refusal).toEqual(taken);
    const told = JSON.stringify((refusal as Problem).body());
    expect(told).not.toContain(holderId);
    expect(told).not.toContain(here);
    await test.db.transaction(there, async (tx) => {
      expect(await names.holder(tx, { kind: 'address', name: 'secret@estuaria.example' })).toBeNull();
      expect(await tx.query("select * from core.name where name like 'secret%'")).toEqual([]);
      await names.release(tx, { kind: 'address', name: 'secret@estuaria.example', holderId });
    });
    await test.db.read(here, async (tx) => {
      expect(await names.holder(tx, { kind: 'address', name: 'secret@estuaria.example' })).toBe(holderId);
    });
  });

  it('cannot be written past the function, nor the function be used for another organisation', async () => {
    await expect(
      test.db.transaction(here, (tx) =>
        tx.query(
          "insert into core.name (kind, scope, name, org_id, holder_id) values ('handle', $1, 'x', $1, $1)",
          [here],
        ),
      ),
    ).rejects.toThrow('permission denied');
    await expect(
      test.db.transaction(here, (tx) =>
        tx.query("update core.name set name = 'y' where org_id = $1", [here]),
      ),
    ).rejects.toThrow('permission denied');
    await expect(
      test.db.transaction(here, (tx) =>
        tx.query("select core.reserve_name('handle', 'theirs', $2, $1, 1::smallint)", [there, ids.next()]),
      ),
    ).rejects.toThrow('organisation of the transaction');
  });
});

it('is free again after its holder released it, and after nobody else did', async () => {
  const holderId = ids.next();
  const name = { kind: 'domain' as const, name: 'estuaria.example' };
  await reserve(here, 'domain', name.name, holderId);
  await test.db.transaction(here, (tx) => names.release(tx, { ...name, holderId: ids.next() }));
  await expect(reserve(there, 'domain', name.name)).rejects.toEqual(taken);
  await test.db.transaction(here, (tx) => names.release(tx, { ...name, holderId }));
  await reserve(there, 'domain', name.name);
});

it('is found across organisations by a system transaction', async () => {
  const holderId = ids.next();
  await test.db.system((tx) =>
    names.reserve(tx, { kind: 'address', name: 'ops@estuaria.example', holderId, orgId: here }),
  );
  await test.db.system(async (tx) => {
    expect(await names.holder(tx, { kind: 'address', name: 'OPS@estuaria.example' })).toBe(holderId);
    await expect(names.holder(tx, { kind: 'extension', name: '201' })).rejects.toThrow('must say whose');
  });
});

describe('the spelling of a name', () => {
  it.each([
    ['address', 'Inês.Duarte@Estuaria.Example'.normalize('NFD'), 'inês.duarte@estuaria.example'],
    ['address', 'a@Bücher.example', 'a@xn--bcher-kva.example'],
    ['domain', 'ESTUARIA.example', 'estuaria.example'],
    ['handle', 'Kofi_A', 'kofi_a'],
    ['extension', '0042', '0042'],
  ] as const)('of the %s %s is %s', (kind, text, kept) => {
    expect(normalizeName(kind, text)).toBe(kept);
    expect(normalizeName(kind, kept)).toBe(kept);
  });

  it.each([
    ['address', 'no-at.example'],
    ['address', '@estuaria.example'],
    ['address', 'a b@estuaria.example'],
    ['address', '.a@estuaria.example'],
    ['address', 'a..b@estuaria.example'],
    ['address', 'a@'],
    ['address', 'a@b@c'],
    ['address', `${'é'.repeat(33)}@estuaria.example`],
    [
      'address',
      `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(30)}`,
    ],
    ['address', 'a\u0000@estuaria.example'],
    ['domain', 'exa mple'],
    ['domain', '-a.example'],
    ['domain', ''],
    ['handle', ''],
    ['handle', '.hidden'],
    ['handle', 'a/b'],
    ['extension', '1'],
    ['extension', '12345678901'],
    ['extension', '12a'],
    ['extension', '١٢٣'],
    ['address', 'a'.repeat(100_000)],
  ] as const)('refuses the %s %s', (kind, text) => {
    expect(() => normalizeName(kind, text)).toThrow(Problem);
  });
});
