import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  hearsAfter,
  type LabTelephone,
  openTelephoneLab,
  type TelephoneLab,
} from '../testing/telephone-lab.ts';
import { plainBaresip, shown } from '../testing/telephone-rows.ts';

/** Debian's baresip dials codes: it hears itself, hears a confirmation, and its person's state changes for everybody. */
let lab: TelephoneLab;
let phone: LabTelephone;

beforeAll(async () => {
  lab = await openTelephoneLab();
  phone = await lab.telephone(lab.alice);
});
afterAll(() => lab?.close());

/** How the telephone hears that a call is over, from its first sign on. */
async function dial(code: string): Promise<() => Promise<string>> {
  const from = phone.events.length;
  await phone.dial(`sip:${code}@${lab.domain}`);
  return async () => (await phone.waitFor('CALL_CLOSED', { from, deadlineMs: 15_000 })).param ?? '';
}

it.each(['*43', 'echo'])('%s says back what it hears', async (code) => {
  const from = phone.events.length;
  const samples = await phone.samplesHeard();
  const closed = await dial(code);
  await phone.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => lab.stateOf(lab.alice), { timeout: 10_000 }).toBe('call');
  // The file grows as it is heard: the tone is its own, 440 Hz, and no other speaks there.
  await hearsAfter(phone, phone.hz, samples);
  await phone.hangup();
  await closed();
  await expect.poll(() => lab.stateOf(lab.alice), { timeout: 10_000 }).toBe('free');
  await shown({ ...plainBaresip, sound: 'both ways', also: [`code ${code}`] });
});

it.each([
  ['*78', 'dnd'],
  ['*79', 'free'],
  ['*76', 'dnd'],
  ['*76', 'free'],
  ['*81', 'away'],
  ['*80', 'free'],
])('%s: everybody sees %s, and the call ends by itself after its confirmation', async (code, state) => {
  const from = phone.events.length;
  const closed = await dial(code);
  await phone.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => lab.stateOf(lab.alice), { interval: 50 }).toBe(state);
  await closed();
  expect(await lab.stateOf(lab.alice)).toBe(state);
  await shown({ ...plainBaresip, sound: '–', also: [`code ${code}`] });
});

it('*69 rings whoever called last, and nobody when nobody has', async () => {
  expect(await (await dial('*69'))()).toMatch(/404|Not Found/i);
  const { alice, bob, orgId } = lab;
  const { core } = lab.running.test;
  await core.db.transaction(orgId, (tx) =>
    tx.query(
      `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, ended_at, reason)
       values ($1, $2, 1, $3, $4, '4101', now(), 'no-answer')`,
      [core.ids.next(), orgId, bob.id, alice.id],
    ),
  );
  // Bob is known, and simply not there.
  expect(await (await dial('*69'))()).toMatch(/480|Unavailable/i);
  await shown({ ...plainBaresip, sound: '–', also: ['code *69'] });
});

it('a code that nobody knows is refused as one', async () => {
  expect(await (await dial('*99'))()).toMatch(/Unknown Feature Code/);
});
