import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDevice, listDevices, restorePerson, revokeDevice, suspendPerson } from '../contract/index.ts';
import { transportsOf } from './provisioning.ts';
import { at, GUEST, MANAGER, OWNER, openTwoOrganisations, type TwoOrganisations } from './testing/bench.ts';

let { bench, alpha, beta } = {} as TwoOrganisations;
beforeAll(async () => {
  ({ bench, alpha, beta } = await openTwoOrganisations());
});
afterAll(() => bench.close());

it('are told the ports that are bound here, or those of the settings', () => {
  expect(transportsOf({ udpPort: 40_001, tcpPort: 40_002, tlsPort: 40_003 }, 0)).toEqual([
    { protocol: 'udp', port: 40_001 },
    { protocol: 'tcp', port: 40_002 },
    { protocol: 'tls', port: 40_003 },
  ]);
  expect(transportsOf({ udpPort: null, tcpPort: 40_002, tlsPort: null }, 5070)).toEqual([
    { protocol: 'tcp', port: 40_002 },
  ]);
  expect(transportsOf(null, 5070).map(({ port }) => port)).toEqual([5070, 5070]);
  expect(transportsOf({ udpPort: null, tcpPort: null, tlsPort: null }, 0).map(({ port }) => port)).toEqual([
    5060, 5060,
  ]);
});

it('show their secret once and answer the registrar until they are revoked', async () => {
  const [owner, manager] = [at(alpha, OWNER), at(alpha, MANAGER)];
  const made = await manager.browser.call(createDevice, { body: { name: 'Desk' } });
  const { device, secret, realm, text, qr } = made.body;
  expect(text).toContain(secret);
  expect(qr).toContain(secret);
  expect(realm).toBe(alpha.domain);
  for (const [algorithm, hash] of [
    ['MD5', 'md5'],
    ['SHA-256', 'sha256'],
  ] as const) {
    const ha1 = createHash(hash).update(`${device.username}:${realm}:${secret}`).digest('hex');
    expect(
      await bench.people.sipCredentials({
        realm: realm.toUpperCase(),
        username: device.username,
        algorithm,
      }),
    ).toEqual({ ha1, deviceId: device.id, personId: manager.id, orgId: alpha.orgId });
  }
  const ask = (username = device.username, inRealm: string = realm) =>
    bench.people.sipCredentials({ realm: inRealm, username, algorithm: 'MD5' });
  expect(await ask(device.username, beta.domain)).toBeNull();
  expect(await ask('nobody')).toBeNull();
  // As a damaged or hostile telephone may say it.
  expect(await ask(`${device.username}\0`)).toBeNull();
  expect(await ask(device.username, `${realm}\0`)).toBeNull();
  const hashOf = (username: string) => createHash('sha256').update(`${username}:${realm}`).digest('hex');
  const askHashed = (hash: string, inRealm: string = realm) =>
    bench.people.sipCredentials({
      realm: inRealm,
      username: hash,
      isUserhash: true,
      algorithm: 'SHA-256',
    });
  const hashed = { deviceId: device.id, personId: manager.id };
  expect(await askHashed(hashOf(device.username))).toMatchObject(hashed);
  expect(await askHashed(hashOf(device.username), beta.domain)).toBeNull();
  expect(await askHashed(hashOf('nobody'))).toBeNull();
  expect(await askHashed(device.username)).toBeNull();
  expect(await ask(hashOf(device.username))).toBeNull();
  // As the program before wrote it.
  await bench.test.testDb.admin('update people.device set userhash = null where id = $1', [device.id]);
  expect(await askHashed(hashOf(device.username))).toMatchObject(hashed);
  expect(await askHashed(hashOf('nobody'))).toBeNull();
  const rows = await bench.test.testDb.admin('select * from people.device');
  expect(JSON.stringify(rows)).not.toContain(secret);

  await bench.people.deviceSeen({
    orgId: alpha.orgId,
    deviceId: device.id,
    address: '192.0.2.7:5060',
    userAgent: 'Phone/1',
  });
  const listed = await manager.browser.call(listDevices);
  expect(listed.body.devices).toMatchObject([{ lastAddress: '192.0.2.7:5060', userAgent: 'Phone/1' }]);
  expect(JSON.stringify(listed.body)).not.toContain(secret);

  const params = { id: device.id };
  expect((await at(alpha, GUEST).browser.call(revokeDevice, { params })).status).toBe(404);
  expect((await at(beta, OWNER).browser.call(revokeDevice, { params })).status).toBe(404);
  await owner.browser.call(suspendPerson, { params: { id: manager.id } });
  expect(await ask()).toBeNull();
  await owner.browser.call(restorePerson, { params: { id: manager.id } });
  expect(await ask()).not.toBeNull();
  expect((await owner.browser.call(revokeDevice, { params })).status).toBe(204);
  expect(await ask()).toBeNull();
  expect((await owner.browser.call(revokeDevice, { params })).status).toBe(404);
});
