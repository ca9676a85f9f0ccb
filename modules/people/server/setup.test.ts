import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  acceptInvitation,
  checkSetUp,
  getSession,
  invite,
  listInvitations,
  listPeople,
  openInvitation,
  setUp,
  signIn,
  signOut,
} from '../contract/index.ts';
import { type Bench, createBench, goodPassword } from './testing/bench.ts';

let bench: Bench;
let token: string;
beforeAll(async () => {
  bench = await createBench();
  token = (await bench.people.setupToken())!;
});
afterAll(() => bench.close());

const owner = {
  name: 'Inês Carvalhal',
  address: 'ines.carvalhal@estuaria.example',
  password: goodPassword,
  language: 'pt' as const,
  timeZone: 'Europe/Lisbon',
};
const organisation = { name: 'Estuaria', domain: 'estuaria.example' };

it('begins without an organisation, and refuses what is not right', async () => {
  const browser = bench.browser();
  expect((await browser.call(getSession)).body).toEqual({ state: 'setup' });
  expect((await browser.call(checkSetUp, { body: { token } })).body).toEqual({ ok: true });
  expect((await browser.call(checkSetUp, { body: { token: `${token}x` } })).status).toBe(404);
  const refused = async (body: Record<string, unknown>) => {
    const answer = await browser.call(setUp, { body: { token, organisation, owner, ...body } });
    return [answer.status, answer.body.code];
  };
  expect(await refused({ token: 'A'.repeat(43) })).toEqual([404, 'not-found']);
  expect(await refused({ owner: { ...owner, address: 'ines@elsewhere.example' } })).toEqual([400, 'invalid']);
  expect(await refused({ owner: { ...owner, password: 'estuaria.1' } })).toEqual([400, 'weak-password']);
  expect(await refused({ owner: { ...owner, timeZone: 'Europe/Atlantis' } })).toEqual([400, 'invalid']);
  expect(await refused({ owner: { ...owner, name: { toString: 'x' } } })).toEqual([400, 'invalid']);
  const foreign = await browser.call(setUp, {
    body: { token, organisation, owner },
    headers: { origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
});

it('creates the organisation once, however often it is asked at the same time', async () => {
  const browsers = [bench.browser(), bench.browser(), bench.browser()];
  const answers = await Promise.all(
    browsers.map((each) => each.call(setUp, { body: { token, organisation, owner } })),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([
    200,
    expect.toBeOneOf([404, 409]),
    expect.toBeOneOf([404, 409]),
  ]);
  const i = answers.findIndex((answer) => answer.status === 200);
  expect(answers[i]!.body).toMatchObject({
    state: 'signed-in',
    person: { name: owner.name, address: owner.address, role: 'owner', status: 'active' },
    organisation: { domain: 'estuaria.example', realm: 'estuaria.example', languages: ['pt'] },
  });
  expect((await browsers[i]!.call(getSession)).body).toMatchObject({ state: 'signed-in' });
  expect((await bench.browser().call(setUp, { body: { token, organisation, owner } })).status).toBe(409);
  expect(await bench.people.setupToken()).toBeNull();
});

it('invites a second person, who signs in, out and in again', async () => {
  const first = bench.browser();
  expect(
    (await first.call(signIn, { body: { address: owner.address, password: goodPassword } })).body,
  ).toEqual({ next: 'done' });
  const made = await first.call(invite, {
    body: { name: 'Amina', address: 'Amina.DiarraKessel@estuaria.example', extension: '4145' },
  });
  expect(made.status).toBe(200);
  expect(made.body.invitation).toMatchObject({
    state: 'open',
    purpose: 'join',
    person: { status: 'invited' },
  });
  const invited = new URL(made.body.link).hash.slice(1);
  expect((await first.call(listInvitations)).body.rows).toHaveLength(1);

  const second = bench.browser();
  expect((await second.call(openInvitation, { body: { token: invited } })).body).toMatchObject({
    organisationName: 'Estuaria',
    address: 'amina.diarrakessel@estuaria.example',
    invitedBy: owner.name,
  });
  const accept = { token: invited, name: 'Amina Diarra-Kessel', password: 'un baobab au 4e vent' };
  expect(
    (await second.call(acceptInvitation, { body: { ...accept, password: 'amina.diarrakessel1' } })).body.code,
  ).toBe('weak-password');
  const joined = await second.call(acceptInvitation, { body: accept });
  expect(joined.body).toMatchObject({ person: { name: accept.name, role: 'member', extension: '4145' } });
  expect((await bench.browser().call(acceptInvitation, { body: accept })).status).toBe(404);

  const directory = await second.call(listPeople);
  expect(directory.body.rows.map((row) => row.name)).toEqual(['Amina Diarra-Kessel', owner.name]);
  expect(directory.body.rows[0]!.lastUsedAt).toBeNull();
  expect(
    (await first.call(listPeople, { query: { text: 'diarra' } })).body.rows[0]!.lastUsedAt,
  ).not.toBeNull();
  // A member invites nobody.
  expect((await second.call(invite, { body: { name: 'X', address: 'x@estuaria.example' } })).status).toBe(
    403,
  );

  expect((await second.call(signOut)).status).toBe(204);
  expect((await second.call(listPeople)).status).toBe(401);
  expect((await second.call(getSession)).body).toEqual({ state: 'signed-out' });
  const wrong = await second.call(signIn, {
    body: {
      address: accept.name === '' ? '' : 'amina.diarrakessel@estuaria.example',
      password: 'not this one',
    },
  });
  expect([wrong.status, wrong.body.code]).toEqual([401, 'wrong-credentials']);
  const right = await second.call(signIn, {
    body: { address: 'AMINA.diarrakessel@estuaria.example', password: accept.password },
  });
  expect(right.body).toEqual({ next: 'done' });
  expect((await second.call(listPeople)).status).toBe(200);
});

it('keeps cookies from scripts and other sites', async () => {
  const answer = await bench
    .browser()
    .call(signIn, { body: { address: owner.address, password: goodPassword } });
  const session = answer.headers.getSetCookie().find((line) => line.includes('session_token'))!;
  expect(session).toMatch(/HttpOnly/i);
  expect(session).toMatch(/SameSite=Lax/i);
  expect(session).toMatch(/Max-Age=2592000/i);
});

it('logs nothing at warning or above', () => {
  expect(bench.test.logged).toEqual([]);
});
