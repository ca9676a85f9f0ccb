import { type KeptContent, keepContent } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  changeProfile,
  changeTeam,
  createTeam,
  erasePerson,
  removeTeamMember,
  setTeamMember,
  suspendPerson,
} from '../contract/index.ts';
import { content } from './content.ts';
import { at, type Bench, createBench, GUEST, MANAGER, MEMBER, OWNER } from './testing/bench.ts';

let bench: Bench;
let kept: KeptContent;
beforeAll(async () => {
  bench = await createBench();
  kept = keepContent(bench.test, content);
});
afterAll(() => bench.close());

it('is people as their pages show them, and teams for those who are in them', async () => {
  const alpha = await bench.organisation('alpha');
  const beta = await bench.organisation('beta', ['owner', 'member'], false);
  const [owner, manager, member, guest] = [OWNER, MANAGER, MEMBER, GUEST].map((place) => at(alpha, place));
  const found = async (who: { id: string } = member!, orgId = alpha.orgId) =>
    (await kept.readableBy({ id: who.id, orgId })).map(({ title }) => title);

  expect(await found()).toEqual(['guest of alpha', 'manager of alpha', 'member of alpha', 'owner of alpha']);
  expect(await found(at(beta, OWNER), beta.orgId)).toEqual(['member of beta', 'owner of beta']);
  expect(content.filter(({ isPeople }) => isPeople).map(({ kind }) => kind)).toEqual(['people.person']);

  const changed = await member!.browser.call(changeProfile, {
    params: { id: member!.id },
    body: {
      name: 'Beatriz Falcão',
      title: 'Pilot',
      office: 'Leixões',
      numbers: [{ number: '+44 7700 900160' }],
    },
  });
  expect(changed.status).toBe(200);
  const document = (await kept.readableBy({ id: owner!.id, orgId: alpha.orgId })).find(
    ({ id }) => id === member!.id,
  );
  expect(document).toMatchObject({
    kind: 'people.person',
    title: 'Beatriz Falcão',
    text: `Pilot\nLeixões\n${member!.address}\n+447700900160`,
    place: { spaceId: alpha.orgId },
    personIds: [member!.id],
    path: `/people/${member!.id}`,
  });
  // Who may not sign in is still in the directory; who was erased is not.
  await owner!.browser.call(suspendPerson, { params: { id: member!.id } });
  expect(await found(owner)).toContain('Beatriz Falcão');
  const erased = await owner!.browser.call(erasePerson, {
    params: { id: member!.id },
    body: { address: member!.address },
  });
  expect(erased.status).toBeLessThan(300);
  expect(await found(owner)).toEqual(['guest of alpha', 'manager of alpha', 'owner of alpha']);

  const team = (await manager!.browser.call(createTeam, { body: { name: 'Tides' } })).body;
  expect(await found(manager)).toContain('Tides');
  expect(await found(guest)).not.toContain('Tides');
  const params = { id: team.id, personId: guest!.id };
  await manager!.browser.call(setTeamMember, { params, body: { role: 'member' } });
  expect(await found(guest)).toContain('Tides');
  await manager!.browser.call(changeTeam, { params: { id: team.id }, body: { name: 'Marées' } });
  expect(await found(guest)).toContain('Marées');
  await manager!.browser.call(removeTeamMember, { params });
  expect(await found(guest)).not.toContain('Marées');
  await manager!.browser.call(changeTeam, { params: { id: team.id }, body: { archived: true } });
  expect(await found(manager)).toEqual(['guest of alpha', 'manager of alpha', 'owner of alpha']);
});
