import type { KnownName } from '@liaison/contacts';
import { expect, it } from 'vitest';
import { type CallRecord, outsideNumber, type Party } from '../contract/index.ts';
import { createOutsideNames } from './outside-names.ts';

const outside = (name: string, address: string | null = null): Party => ({
  personId: null,
  name,
  address,
  extension: null,
});
const warned: string[] = [];
const log = { warn: (_fields: object, message: string) => void warned.push(message) };
const eva = '01890000-0000-7000-8000-000000000001';
const asked: string[][] = [];
const contacts = {
  async names(_orgId: string, readerId: string, numbers: readonly string[]): Promise<Map<string, KnownName>> {
    asked.push([...numbers]);
    return new Map(
      numbers
        .filter((number) => number === '+441632960017')
        .map((number) => [number, { number, name: `${readerId}’s Eva`, contactId: eva, organisation: '' }]),
    );
  },
};

it('finds the number of somebody outside in her address or in the place of her name', () => {
  expect(outsideNumber(outside('+44 1632 960017'))).toBe('+44 1632 960017');
  expect(outsideNumber(outside('Harbour', 'sip:+441632960017@trunk.example'))).toBe('+441632960017');
  expect(outsideNumber(outside('*43'))).toBeNull();
  expect(outsideNumber(outside('anonymous', 'anonymous@anonymous.invalid'))).toBeNull();
  expect(outsideNumber({ ...outside('+441632960017'), personId: eva })).toBeNull();
});

it('shows her to each reader by that reader’s name, and to be called back by her number', async () => {
  const names = createOutsideNames({ contacts, log });
  expect(await names.party('o', 'Bob', outside('+441632960017'))).toEqual({
    ...outside('Bob’s Eva', '+441632960017'),
    contactId: eva,
  });
  const records = ['+441632960017', '+441632960018', 'Njeri'].map(
    (name) => ({ peer: outside(name) }) as CallRecord,
  );
  asked.length = 0;
  const shown = await names.records('o', 'Ines', records);
  expect(shown.map(({ peer }) => peer.name)).toEqual(['Ines’s Eva', '+441632960018', 'Njeri']);
  expect(asked).toEqual([['+441632960017', '+441632960018']]);
});

it('shows the number where names cannot be asked for, or not soon', async () => {
  const broken = createOutsideNames({
    contacts: { names: () => Promise.reject(new Error('no database')) },
    log,
  });
  expect((await broken.party('o', 'Bob', outside('+441632960017'))).name).toBe('+441632960017');
  expect(warned).toHaveLength(1);
  const slow = createOutsideNames({ contacts: { names: () => new Promise(() => {}) }, log });
  expect((await slow.party('o', 'Bob', outside('+441632960017'))).name).toBe('+441632960017');
  const none = createOutsideNames({ contacts: undefined, log });
  expect((await none.party('o', 'Bob', outside('+441632960017'))).name).toBe('+441632960017');
});
