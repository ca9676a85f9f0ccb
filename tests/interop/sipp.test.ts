import { freePort } from '@liaison/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runSipp, type SippAccount, type SippRun, type Step, signIn, stepsOf } from '../testing/sipp.ts';
import { type LabTelephone, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/**
 * Debian's sipp by scenarios, at either end of a call with a real telephone, and with manners that a server meets: each time
 * sipp gets exactly what the RFC says, the other side is told, and nothing of the call is left.
 */
let lab: TelephoneLab;
let account: SippAccount;
let does: ReturnType<typeof stepsOf>;
/** The telephone at the other end. */
let desk: LabTelephone;
const running: SippRun[] = [];

const row = {
  client: 'sipp',
  debianPackage: 'sip-tester',
  transport: 'UDP',
  codec: 'PCMU',
  encryption: 'none',
  network: 'direct',
  sound: '–',
} as const;

beforeAll(async () => {
  lab = await openTelephoneLab({
    // One for each time that sipp is called: it leaves its registration behind.
    people: ['Alice', 'Bob', 'Carol', 'Dora', 'Emil', 'Frida'].map((name, at) => ({
      name,
      extension: `410${at + 1}`,
    })),
  });
});
afterEach(async () => {
  for (const run of running.splice(0)) await run.stop();
  await lab.endTelephones();
  // Nobody is rung, or talks, once it is over.
  await expect
    .poll(async () => [await lab.stateOf(lab.alice), await lab.stateOf(lab.bob)], { timeout: 15_000 })
    .not.toEqual(expect.arrayContaining([expect.stringMatching(/ringing|call/)]));
});
afterAll(() => lab?.close());

async function start(
  steps: readonly (Step | readonly Step[])[],
  more: { port?: number; isCalled?: boolean } = {},
): Promise<SippRun> {
  const run = await runSipp({ folder: lab.folder, account, serverPort: lab.portOf('udp'), steps, ...more });
  running.push(run);
  return run;
}
async function goesWell(run: SippRun): Promise<void> {
  const { code, complaints } = await run.done;
  expect(code, complaints).toBe(0);
}
/** And its call is over for the telephone; why, where that was said. */
async function endsWell(run: SippRun): Promise<string | undefined> {
  await goesWell(run);
  return (await desk.waitFor('CALL_CLOSED')).param;
}

describe('sipp calls', () => {
  let authorization: string;
  const extension = () => lab.bob.extension;

  async function open(answerMode: 'auto' | 'manual'): Promise<void> {
    const { username: user, secret } = await lab.running.telephone(lab.alice);
    account = { user, secret, domain: lab.domain };
    does = stepsOf(account);
    const uri = `sip:${extension()}@${lab.domain}`;
    authorization = await signIn(lab.portOf('udp'), account, 'INVITE', uri);
    desk = await lab.telephone(lab.bob, { answerMode });
  }

  it('is answered, offers anew, and hangs up', async () => {
    await open('auto');
    const run = await start([
      does.call(extension(), authorization),
      does.mayCome(180),
      does.accepted(),
      does.says('ACK', 2),
      does.says('INVITE', 3, 'sendonly'),
      does.mayCome(100),
      does.comes(200),
      does.says('ACK', 3),
      does.says('BYE', 4),
      does.comes(200),
    ]);
    await endsWell(run);
    await shown({ ...row, also: ['calls', 'hold'] });
  });

  it('never acknowledges: the 200 is said again (RFC 3261 §13.3.1.4), and its BYE ends the call all the same', async () => {
    await open('auto');
    const run = await start([
      does.call(extension(), authorization),
      does.mayCome(180),
      does.accepted(),
      does.waits(1200),
      does.says('BYE', 3),
      does.comesTo(200, 'CSeq: *3 BYE'),
    ]);
    await goesWell(run);
    // sipp takes what is said again for the same. It comes after half a second, and after one more.
    const { messages } = await run.done;
    const said = messages
      .split(/^-{20,}/m)
      .filter((each) => /SIP\/2\.0 200 OK[\s\S]*CSeq: 2 INVITE/.test(each));
    expect(said.length).toBeGreaterThan(1);
    await desk.waitFor('CALL_CLOSED');
    await shown({ ...row, also: ['calls'], result: 'no ACK: said again, ends' });
  });

  it('cancels too late: that is answered, and the call goes on (RFC 3261 §9.2)', async () => {
    await open('auto');
    const run = await start([
      does.call(extension(), authorization),
      does.mayCome(180),
      does.accepted(),
      does.cancels(extension()),
      does.comesTo(200, 'CSeq: *2 CANCEL'),
      does.says('ACK', 2),
      does.waits(300),
      does.says('BYE', 3),
      does.comes(200),
    ]);
    await goesWell(run);
    await desk.waitFor('CALL_ESTABLISHED');
    await desk.waitFor('CALL_CLOSED');
    await shown({ ...row, also: ['calls'], result: 'late CANCEL: the call goes on' });
  });

  it('hangs up while it rings: 487, and the telephone stops (RFC 3261 §15.1.2)', async () => {
    await open('manual');
    const run = await start([
      does.call(extension(), authorization),
      does.rings(),
      does.waits(1000),
      does.says('BYE', 3),
      does.comesTo(200, 'CSeq: *3 BYE'),
      does.comes(487),
      does.givesUp(extension()),
    ]);
    await endsWell(run);
    await shown({ ...row, also: ['calls'], result: 'BYE while it rings: ends' });
  });

  it('offers twice at once: the second is told to wait (RFC 3261 §14.2)', async () => {
    await open('auto');
    const run = await start([
      does.call(extension(), authorization),
      does.mayCome(180),
      does.accepted(),
      does.says('ACK', 2),
      does.says('INVITE', 3, 'sendrecv').replace(' retrans="500"', ''),
      does.says('INVITE', 4, 'sendrecv').replace(' retrans="500"', ''),
      does.mayCome(100),
      does.comesTo(500, 'Retry-After'),
      does.says('ACK', 4),
      does.comes(200),
      does.says('ACK', 3),
      does.says('BYE', 5),
      does.comes(200),
    ]);
    await endsWell(run);
    await shown({ ...row, also: ['calls'], result: 're-INVITE glare: 500, then 200' });
  });
});

describe('sipp is called', () => {
  let called = 1;

  /** Registered from the port at which it is rung. */
  async function open(
    steps: (does: ReturnType<typeof stepsOf>) => readonly (Step | readonly Step[])[],
  ): Promise<SippRun> {
    called += 1;
    const member = lab.members[called]!;
    const { username: user, secret } = await lab.running.telephone(member);
    account = { user, secret, domain: lab.domain };
    does = stepsOf(account);
    const port = await freePort();
    const authorization = await signIn(lab.portOf('udp'), account, 'REGISTER', `sip:${lab.domain}`);
    await goesWell(await start([does.registers(authorization)], { port }));
    const run = await start(steps(does), { port, isCalled: true });
    desk = await lab.telephone(lab.alice);
    await desk.dial(lab.addressOf(member));
    return run;
  }

  it('answers, and hangs up', async () => {
    const run = await open((is) => [
      is.isRung(),
      is.answers('180 Ringing'),
      is.answers('200 OK', { direction: 'sendrecv' }),
      is.isTold('ACK'),
      is.waits(300),
      is.saysBack('BYE', 1),
      is.comes(200),
    ]);
    expect(await endsWell(run)).toBeDefined();
    await shown({ ...row, also: ['is called'] });
  });

  it('sends us elsewhere (302): nobody is rung there, and the caller is told that nobody is here', async () => {
    const elsewhere = await freePort();
    const run = await open((is) => [
      is.isRung(),
      is.answers('302 Moved Temporarily', { contact: `sip:somebody@127.0.0.1:${elsewhere}` }),
      is.isTold('ACK'),
    ]);
    expect(await endsWell(run)).toMatch(/480|Unavailable/);
    await shown({ ...row, also: ['is called'], result: '302: not followed' });
  });

  it('hangs up before it answers: the caller is not left ringing', async () => {
    // Not allowed to who is called (RFC 3261 §15); some do.
    const run = await open((is) => [
      is.isRung(),
      is.answers('180 Ringing'),
      is.saysBack('BYE', 1),
      is.comes(481),
      is.answersInvite('480 Temporarily Unavailable'),
      is.isTold('ACK'),
    ]);
    expect(await endsWell(run)).toMatch(/480|Unavailable/);
    await shown({ ...row, also: ['is called'], result: 'BYE before the answer: ends' });
  });

  it('answers what was just cancelled: its call is ended at once (RFC 3261 §9.1)', async () => {
    const run = await open((is) => [
      is.isRung(),
      is.answers('180 Ringing'),
      is.isTold('CANCEL'),
      is.answers('200 OK'),
      is.answersInvite('200 OK', 'sendrecv'),
      is.isTold('ACK'),
      is.isTold('BYE'),
      is.answers('200 OK', { tag: false }),
    ]);
    await desk.waitFor('CALL_RINGING');
    await desk.hangup();
    await goesWell(run);
    await shown({ ...row, also: ['is called'], result: 'answer crosses CANCEL: ends' });
  });
});
