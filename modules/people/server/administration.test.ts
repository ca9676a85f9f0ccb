import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  acceptInvitation,
  assignExtension,
  changeAddress,
  changeOrganisation,
  changeProfile,
  changeRole,
  erasePerson,
  getPeopleByIds,
  getPerson,
  invite,
  listAudit,
  listInvitations,
  renewInvitation,
  restorePerson,
  revokeInvitation,
  signIn,
  suspendPerson,
} from '../contract/index.ts';
import {
  at,
  GUEST,
  goodPassword,
  MANAGER,
  MEMBER,
  OWNER,
  openTwoOrganisations,
  type TwoOrganisations,
} from './testing/bench.ts';

let { bench, alpha, beta } = {} as TwoOrganisations;
beforeAll(async () => {
  ({ bench, alpha, beta } = await openTwoOrganisations());
});
afterAll(() => bench.close());

it('gives managers members and guests, and owners everybody', async () => {
  const [owner, manager, member] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, MEMBER)];
  const role = (by: typeof owner, id: string, given: string) =>
    by.browser.call(changeRole, { params: { id }, body: { role: given } });
  expect((await role(member, manager.id, 'guest')).status).toBe(403);
  expect((await role(manager, owner.id, 'member')).status).toBe(403);
  expect((await role(manager, member.id, 'manager')).status).toBe(403);
  expect((await role(manager, member.id, 'guest')).body.role).toBe('guest');
  expect((await role(manager, member.id, 'member')).body.role).toBe('member');
  expect((await role(owner, owner.id, 'member')).body.code).toBe('last-owner');
  expect(
    (
      await manager.browser.call(invite, {
        body: { name: 'X', address: `x@${alpha.domain}`, role: 'owner' },
      })
    ).status,
  ).toBe(403);
  expect((await manager.browser.call(changeOrganisation, { body: { name: 'Alpha' } })).body.name).toBe(
    'Alpha',
  );
  expect(
    (await manager.browser.call(changeOrganisation, { body: { domain: 'alpha2.example' } })).status,
  ).toBe(403);
  expect((await owner.browser.call(changeOrganisation, { body: { domain: beta.domain } })).body.code).toBe(
    'name-taken',
  );
});

it('keeps an owner when two demote each other at once', async () => {
  const here = await bench.organisation('gamma', ['owner', 'owner']);
  const [one, other] = [at(here, 0), at(here, 1)];
  const demote = (by: typeof one, whom: typeof one) =>
    by.browser.call(changeRole, { params: { id: whom.id }, body: { role: 'member' } });
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([demote(one, other), demote(other, one)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [left, lost] = answers[0].status === 200 ? [one, other] : [other, one];
    expect(
      (await left.browser.call(changeRole, { params: { id: lost.id }, body: { role: 'owner' } })).status,
    ).toBe(200);
  }
});

it('assigns extensions once within an organisation, and equal ones in two', async () => {
  const [owner, member] = [at(alpha, OWNER), at(alpha, MEMBER)];
  const assign = (by: typeof owner, id: string, extension: string | null) =>
    by.browser.call(assignExtension, { params: { id }, body: { extension } });
  expect((await assign(owner, member.id, '4181')).body.extension).toBe('4181');
  expect((await assign(owner, owner.id, '4181')).body.code).toBe('name-taken');
  expect((await assign(member, member.id, '4182')).status).toBe(403);
  expect((await assign(at(beta, OWNER), at(beta, MEMBER - 1).id, '4181')).body.extension).toBe('4181');
  expect((await assign(owner, member.id, '12a')).status).toBe(400);
  const mine = await bench.test.core.db.read(alpha.orgId, (tx) => bench.people.byExtension(tx, '4181'));
  const theirs = await bench.test.core.db.read(beta.orgId, (tx) => bench.people.byExtension(tx, '4181'));
  expect([mine?.id, theirs?.id]).toEqual([member.id, at(beta, 1).id]);
  expect((await assign(owner, member.id, null)).body.extension).toBeNull();
  expect((await assign(owner, owner.id, '4181')).body.extension).toBe('4181');
});

it('takes an invitation back with the person who never joined', async () => {
  const { browser } = at(alpha, MANAGER);
  const body = { name: 'Kofi', address: `kofi@${alpha.domain}`, extension: '4148' };
  const made = await browser.call(invite, { body });
  expect((await browser.call(invite, { body })).body.code).toBe('name-taken');
  expect((await browser.call(invite, { body: { ...body, address: `kofi@${beta.domain}` } })).body.code).toBe(
    'foreign-domain',
  );
  const renewed = await browser.call(renewInvitation, { params: { id: made.body.invitation.person.id } });
  expect(renewed.body.link).not.toBe(made.body.link);
  const params = { id: renewed.body.invitation.id };
  expect((await at(alpha, MEMBER).browser.call(revokeInvitation, { params })).status).toBe(403);
  expect((await browser.call(revokeInvitation, { params: { id: made.body.invitation.id } })).status).toBe(
    404,
  );
  expect((await browser.call(revokeInvitation, { params })).status).toBe(204);
  expect((await browser.call(revokeInvitation, { params })).status).toBe(404);
  const open = await browser.call(listInvitations);
  expect(open.body.rows.map((row) => row.person.name)).not.toContain('Kofi');
  // Address and extension are free again.
  expect((await browser.call(invite, { body })).status).toBe(200);
});

it('suspends, restores and erases, and the audit log says so without content', async () => {
  const [owner, manager, member] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, MEMBER)];
  const params = { id: member.id };
  const profile = { name: 'Hoa Trần-Leclerc', timeZone: 'Asia/Manila' };
  expect((await member.browser.call(changeProfile, { params, body: profile })).status).toBe(200);
  expect((await manager.browser.call(suspendPerson, { params })).body.status).toBe('suspended');
  expect((await manager.browser.call(restorePerson, { params })).body.status).toBe('active');
  const erase = (by: typeof owner, address: string) =>
    by.browser.call(erasePerson, { params, body: { address } });
  expect((await erase(manager, 'someone@else.example')).status).toBe(400);
  expect((await erase(manager, member.address)).status).toBe(204);
  expect((await owner.browser.call(getPerson, { params })).status).toBe(404);
  expect(
    (await owner.browser.call(getPeopleByIds, { body: { ids: [member.id, owner.id] } })).body.people,
  ).toHaveLength(1);
  const again = await bench
    .browser()
    .call(signIn, { body: { address: member.address, password: goodPassword } });
  expect(again.status).toBeOneOf([401, 403]);
  await bench.test.core.outbox.drain();
  await bench.replay();
  await bench.test.core.db.transaction(alpha.orgId, (tx) => bench.people.personalData.erase(tx, member.id));
  expect(await bench.test.testDb.admin('select id from auth."user" where id = $1', [member.id])).toEqual([]);
  const [row] = await bench.test.testDb.admin('select * from people.person where id = $1', [member.id]);
  expect(JSON.stringify(row)).not.toMatch(/Hoa|Manila|alpha\.example/);

  // What no request asks for is the system's own.
  await bench.test.core.db.transaction(alpha.orgId, (tx) =>
    bench.test.core.audit.record(tx, { action: 'core.person-erased', subjectId: member.id }),
  );
  const log = await owner.browser.call(listAudit, { query: { limit: 100 } });
  const doneBy = (action: string) => {
    const { personId, bySystem } = log.body.rows.find((entry) => entry.action === action) ?? {};
    return { personId, bySystem };
  };
  expect(doneBy('core.person-erased')).toEqual({ personId: null, bySystem: true });
  expect(doneBy('people.person-erased')).toEqual({ personId: manager.id, bySystem: false });
  const actions = log.body.rows.map((entry) => entry.action);
  expect(actions).toEqual(
    expect.arrayContaining(['people.person-suspended', 'people.person-restored', 'people.person-erased']),
  );
  expect(JSON.stringify(log.body.rows)).not.toMatch(/Hoa|member2@alpha/);
  expect((await at(alpha, GUEST).browser.call(listAudit)).status).toBe(403);
});

it('gives somebody another address; the one before reaches her and signs her in', async () => {
  const owner = at(alpha, OWNER).browser;
  const old = `bruna.before@${alpha.domain}`;
  const now = `bruna.after@${alpha.domain}`;
  const made = await owner.call(invite, { body: { name: 'Bruna Before', address: old, role: 'member' } });
  const { id } = made.body.invitation.person;
  const token = new URL(made.body.link).hash.slice(1);
  await bench.browser().call(acceptInvitation, { body: { token, name: 'Bruna', password: goodPassword } });
  const change = (browser: typeof owner, address: string) =>
    browser.call(changeAddress, { params: { id }, body: { address } });
  expect((await change(at(beta, 1).browser, now)).status).toBe(404);
  expect((await change(owner, `x@${beta.domain}`)).body.code).toBe('foreign-domain');
  expect((await change(owner, at(alpha, MANAGER).address)).body.code).toBe('name-taken');
  expect((await change(owner, now)).body.address).toBe(now);
  for (const address of [now, old]) {
    const signed = await bench.browser().call(signIn, { body: { address, password: goodPassword } });
    expect(signed.status).toBe(200);
    await bench.test.core.db.read(alpha.orgId, async (tx) => {
      expect((await bench.people.byAddress(tx, address))?.id).toBe(id);
    });
  }
  const taken = await owner.call(invite, { body: { name: 'Other', address: old, role: 'member' } });
  expect(taken.body).toMatchObject({ code: 'name-taken' });
  // Back again, twice over, and both are free once she is erased.
  expect((await change(owner, old)).body.address).toBe(old);
  await bench.replay();
  expect((await owner.call(erasePerson, { params: { id }, body: { address: old } })).status).toBe(204);
  for (const address of [now, old]) {
    const other = await owner.call(invite, { body: { name: 'Other', address, role: 'member' } });
    expect(other.status).toBe(200);
  }
});
