import { createServer, type Server } from 'node:net';
import {
  downloadCapture,
  endWatchedCall,
  getCallTrace,
  listCaptures,
  listRegistrations,
  listWatchedCalls,
  startCall,
  startCapture,
} from '@liaison/calls';
import { type DoctorOptions, examine, type Finding, makeDoctorTelephone } from '@liaison/calls/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnTelephone, openOwnTelephone } from './testing/own-telephone.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/** The doctor's call on the assembled suite, each step broken once; and what an administrator sees of calls. */
let running: RunningSuite;
let owner: Member;
let domain: string;
let desk: OwnTelephone | undefined;

beforeAll(async () => {
  running = await startSuite();
  const organisation = await running.organisation('clinic', [{ name: 'Alice', extension: '4101' }]);
  domain = organisation.domain;
  [owner] = organisation.members as [Member];
}, 120_000);
afterAll(async () => {
  await desk?.close();
  await running?.close();
});

const optionsFor = (more: Partial<DoctorOptions> = {}): DoctorOptions => ({
  host: '127.0.0.1',
  ports: { udp: running.sipPorts.udp },
  mediaAddress: '127.0.0.1',
  rtpPorts: { from: 0, to: 0 },
  names: [],
  telephone: () => makeDoctorTelephone(running.test.core.secrets, owner.orgId),
  patienceMs: 6000,
  ...more,
});

const short = (findings: readonly Finding[]) =>
  findings.map(({ transport, step, outcome }) => `${transport ?? 'all'} ${step} ${outcome}`);
const failureOf = async (more: Partial<DoctorOptions>): Promise<Finding | undefined> =>
  (await examine(optionsFor(more))).find(({ outcome }) => outcome === 'failed');

async function get<Body>(path: string, as = owner): Promise<Body> {
  const answer = await fetch(`${running.url}/api/v1${path}`, { headers: { cookie: as.cookie } });
  return (await answer.json()) as Body;
}

describe('the doctor', () => {
  it('finds a sound server sound, over every transport that it has', async () => {
    const httpPort = Number(new URL(running.url).port);
    const findings = await examine(
      optionsFor({ ports: { udp: running.sipPorts.udp, tcp: running.sipPorts.tcp, ws: httpPort } }),
    );
    const steps = ['port', 'registration', 'call', 'description', 'sound', 'keys', 'hang-up'];
    expect(short(findings)).toEqual([
      'all address good',
      ...['udp', 'tcp', 'ws'].flatMap((transport) => steps.map((step) => `${transport} ${step} good`)),
    ]);
  }, 60_000);

  it('is nobody’s: it shows nobody in a call, in no history, and no telephone in the list', async () => {
    const seen: Promise<unknown>[] = [];
    const look = async (): Promise<unknown> => ({
      registered: (await get<{ total: number }>(listRegistrations.path)).total,
      calls: (await get<{ rows: unknown[] }>(`${listWatchedCalls.path}?only=all`)).rows,
      claims: await running.test.testDb.admin('select kind, ref from reach.claim', []),
      traced: await running.test.testDb.admin('select id from calls.trace', []),
    });
    const findings = await examine(
      optionsFor({
        found({ step }) {
          if (step === 'call' || step === 'sound') seen.push(look());
        },
      }),
    );
    expect(findings.every(({ outcome }) => outcome === 'good')).toBe(true);
    const nothing = { registered: 0, calls: [], claims: [], traced: [] };
    expect(await Promise.all([...seen, look()])).toEqual([nothing, nothing, nothing]);
    // Its telephone is written down while it is registered, and forgotten with the end.
    expect(await running.test.testDb.admin('select device_id from calls.registration', [])).toEqual([]);
  }, 30_000);

  it('rings nobody else, whom its telephone may not reach', async () => {
    expect(await failureOf({ dialled: owner.extension })).toMatchObject({ step: 'call' });
  });

  it('names a port that nobody answers at', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      expect(await failureOf({ ports: { [transport]: port }, patienceMs: 1500 })).toMatchObject({
        step: 'port',
        transport,
        what: expect.stringContaining(`port ${port} of 127.0.0.1 does not answer`),
        mend: expect.stringContaining(transport === 'tls' ? 'LIAISON_SIPS_PORT' : 'LIAISON_SIP_PORT'),
      });
    }
  });

  it('names another program at the port', async () => {
    const stranger: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const lines = String(data).split('\r\n');
        const kept = lines.filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
        socket.write(
          [
            'SIP/2.0 200 OK',
            ...kept.map((line) => (/^to:/i.test(line) ? `${line};tag=1` : line)),
            'Server: Otherswitch 1',
            'Content-Length: 0',
            '',
            '',
          ].join('\r\n'),
        );
      });
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    expect(await failureOf({ ports: { tcp: port }, patienceMs: 3000 })).toMatchObject({
      step: 'port',
      what: expect.stringContaining('another program: Otherswitch 1'),
    });
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('names a secret that is refused, and a telephone whose time has passed', async () => {
    const telephone = optionsFor().telephone();
    expect(await failureOf({ telephone: () => ({ ...telephone, secret: 'wrong' }) })).toMatchObject({
      step: 'registration',
      mend: expect.stringContaining('LIAISON_DATA'),
    });
    const late = makeDoctorTelephone(running.test.core.secrets, owner.orgId, Date.now() - 6 * 60_000);
    expect(await failureOf({ telephone: () => late })).toMatchObject({ step: 'registration' });
  });

  it('names an echo that is not there', async () => {
    expect(await failureOf({ dialled: '*00' })).toMatchObject({
      step: 'call',
      what: expect.stringContaining('no echo'),
    });
  });

  it('names media ports that something has changed on the way', async () => {
    expect(await failureOf({ rtpPorts: { from: 1, to: 2 } })).toMatchObject({ step: 'description' });
  });

  it('warns of an advertised address that is not of this machine', async () => {
    const [first] = await examine(optionsFor({ ports: {}, mediaAddress: '192.0.2.9' }));
    expect(first).toMatchObject({
      step: 'address',
      outcome: 'warning',
      mend: expect.stringContaining('LIAISON_ADVERTISE'),
    });
  });
});

describe('an administrator', () => {
  it('sees the ladder of a telephone’s call, without a secret in it', async () => {
    desk = await openOwnTelephone(running, domain, owner);
    const echo = await desk.call('*43');
    await echo.hangUp();
    const id = await poll('the call', async () => {
      const { rows } = await get<{ rows: { id: string }[] }>(`${listWatchedCalls.path}?only=all`);
      return rows[0]?.id;
    });
    const trace = await poll('the ladder', async () => {
      const answer = await get<{ lines: { title: string; body: string | null; kind: string }[] }>(
        getCallTrace.path.replace(':id', id),
      );
      return answer.lines.some(({ title }) => title === 'BYE') ? answer.lines : undefined;
    });
    const titles = trace.map(({ title }) => title);
    for (const title of [
      'INVITE',
      '401 Unauthorized',
      'ACK',
      '200 OK',
      'BYE',
      'dialled *43',
      'ended: completed',
    ])
      expect(titles).toContain(title);
    const text = trace.map(({ body }) => body ?? '').join('\n');
    expect(text).toMatch(/m=audio \d+ RTP\/AVP/);
    expect(text).toMatch(/Authorization: Digest …/i);
    expect(text).not.toMatch(/response="|nonce="/);
  });

  it('sees who talks, and ends it', async () => {
    const page = await running.page(owner);
    const { call } = await page.command(startCall, { to: '*43' });
    const seen = await poll('the running call', async () => {
      const { rows } = await get<{ rows: { id: string; now: { state: string; legs: unknown[] } | null }[] }>(
        listWatchedCalls.path,
      );
      return rows.find(({ id, now }) => id === call.id && now?.state === 'connected');
    });
    expect(seen.now?.legs).toEqual([
      expect.objectContaining({ role: 'caller', kind: 'page', personId: owner.id }),
      expect.objectContaining({ role: 'callee', kind: 'service' }),
    ]);
    const ended = await fetch(`${running.url}/api/v1${endWatchedCall.path.replace(':id', call.id)}`, {
      method: 'POST',
      headers: { cookie: owner.cookie, origin: running.url },
    });
    expect(ended.status).toBe(200);
    await page.until(() => page.call(call.id)?.state === 'ended', 'the end');
    const audit = await running.test.testDb.admin(
      "select person_id, subject_id from core.audit where action = 'calls.call-ended-by-administrator'",
      [],
    );
    expect(audit).toEqual([{ person_id: owner.id, subject_id: call.id }]);
  });

  it('captures what a telephone says, for a time, without its secrets, and takes it away as a file', async () => {
    const { core } = running.test;
    const started = await fetch(`${running.url}/api/v1${startCapture.path}`, {
      method: 'POST',
      headers: { cookie: owner.cookie, origin: running.url, 'content-type': 'application/json' },
      body: JSON.stringify({ targetKind: 'person', targetId: owner.id, minutes: 1 }),
    });
    const { id } = (await started.json()) as { id: string };
    await (await desk!.call('*43')).hangUp();
    const messages = await poll('the capture', async () => {
      const { rows } = await get<{ rows: { id: string; messages: number }[] }>(listCaptures.path);
      const count = rows.find((row) => row.id === id)?.messages ?? 0;
      return count >= 8 && count;
    });
    expect(messages).toBeLessThan(30);
    const path = downloadCapture.path.replace(':id', id);
    const file = await fetch(`${running.url}/api/v1${path}`, { headers: { cookie: owner.cookie } });
    expect(file.headers.get('content-type')).toBe('application/x-pcapng');
    const text = Buffer.from(await file.arrayBuffer()).toString('latin1');
    for (const part of ['INVITE sip:*43@', 'SIP/2.0 401', 'Authorization: Digest', 'ACK sip:', 'BYE sip:'])
      expect(text).toContain(part);
    expect(text).not.toMatch(/response="|nonce="/);
    const audit = await running.test.testDb.admin(
      "select action from core.audit where action like 'calls.capture-%' order by id",
      [],
    );
    expect(audit.map(({ action }) => action)).toEqual(['calls.capture-started', 'calls.capture-downloaded']);
    // Its time passes; nobody has to end it.
    await running.test.testDb.admin(
      "update calls.capture set until = now() - interval '1 second' where id = $1",
      [id],
    );
    const { rows } = await get<{ rows: { id: string; endedAt: string | null }[] }>(listCaptures.path);
    expect(rows.find((row) => row.id === id)?.endedAt).not.toBeNull();
    core.bus.publish('calls.captures-changed', null);
    await poll('its end to be written', async () => {
      const [row] = await running.test.testDb.admin('select ended_at from calls.capture where id = $1', [id]);
      return row?.ended_at !== null;
    });
  }, 40_000);
});
