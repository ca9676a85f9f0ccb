import type { Db } from '@liaison/core/db';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import type { Flow } from '@liaison/sip';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../index.ts';
import { createCaptures } from './captures.ts';

let test: TestCore;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
});
afterAll(() => test.close());

it('hears of a capture that begins while it looks which ones run', async () => {
  const { core } = test;
  const [orgId, personId, id] = Array.from({ length: 3 }, () => core.ids.next()) as [string, string, string];
  let answer = () => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let looks = 0;
  const db: Db = {
    ...core.db,
    async system(work) {
      const rows = await core.db.system(work);
      looks += 1;
      if (looks === 1) await slow;
      return rows;
    },
  };
  const captures = createCaptures({ db, bus: core.bus, ids: core.ids, log: core.log });
  const first = captures.refresh();
  await expect.poll(() => looks).toBe(1);
  await core.db.transaction(orgId, (tx) =>
    tx.query(
      `insert into calls.capture (id, org_id, started_by, target_kind, target_id, until)
       values ($1, $2, $3, 'person', $3, now() + interval '1 minute')`,
      [id, orgId, personId],
    ),
  );
  const second = captures.refresh();
  answer();
  await Promise.all([first, second]);

  const endpoint = { address: '192.0.2.7', port: 5060 };
  const flow = { id: 'f', protocol: 'udp', local: endpoint, remote: endpoint } as unknown as Flow;
  const message = {
    direction: 'in' as const,
    flow,
    bytes: Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'),
    timeMs: Date.now(),
  };
  const head = { callId: 'c', method: 'OPTIONS', title: 'OPTIONS' };
  expect(captures.observe(message, head, { callId: core.ids.next(), personId })).toBe(true);
  expect(captures.observe(message, head, { callId: core.ids.next(), personId: id })).toBe(false);
  await captures.stop();
});
