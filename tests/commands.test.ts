import { hangUpCall, startCall } from '@liaison/calls';
import type { CommandDefinition } from '@liaison/core/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandCase, commandCases } from './testing/command-cases.ts';
import { settledFingerprint } from './testing/fingerprint.ts';
import type { Maker } from './testing/route-cases/index.ts';
import { type Page, type RunningSuite, startSuite } from './testing/suite.ts';
import { createWorld, poll, type World } from './testing/world.ts';

/**
 * What holds for every command of the live socket, asked of the socket itself: a command is under test from the day it
 * is written. How each is used is in `testing/command-cases.ts`.
 */
let running: RunningSuite;
let ours: World;
let theirs: World;
let page: Page;
let commands: readonly CommandDefinition[];

beforeAll(async () => {
  running = await startSuite();
  ours = await createWorld(running, 'ours');
  theirs = await createWorld(running, 'theirs');
  commands = running.test.core.live.commands();
  page = await running.page(ours.by.member);
}, 120_000);
afterAll(async () => {
  await running?.close();
});

const everyCase = () =>
  commands.flatMap((command) => (commandCases[command.name] ?? []).map((each) => ({ command, each })));

/** A maker of parameters in our world; `changed` puts other ids in the place of some, `asked` gathers what was asked for. */
const makerFor = (changed: Record<string, string> = {}, asked?: Set<string>): Maker => ({
  id(name) {
    asked?.add(name);
    const id = changed[name] ?? ours.ids.get(name);
    if (!id) throw new Error(`the world has no ${name}`);
    return id;
  },
  key: () => running.test.core.ids.next(),
  unique: ours.unique,
  domain: ours.domain,
  me: ours.by.member,
});

type Reply = { readonly result?: unknown; readonly error?: { code: string; title: string; status: number } };

/** Sends a command as it is, whatever its schema says, and answers the whole reply. */
async function send(from: Page, command: CommandDefinition, params: unknown): Promise<Reply> {
  await from.command(command, params).catch(() => {});
  const reply = from.got.findLast((each) => each.t === 'reply');
  if (reply?.t !== 'reply') throw new Error(`${command.name} was not answered`);
  const { result, error } = reply;
  return { ...(error ? { error } : { result }) };
}

/** Runs a check for all and tells of all that fail, not only of the first. */
async function forAll(
  list: readonly { command: CommandDefinition; each: CommandCase }[],
  check: (command: CommandDefinition, each: CommandCase) => Promise<string | null>,
): Promise<void> {
  const faults: string[] = [];
  for (const { command, each } of list) {
    const fault = await check(command, each);
    if (fault) faults.push(fault);
  }
  expect(faults).toEqual([]);
}

describe('the table of commands', () => {
  it('names every command of the live socket, and no other', () => {
    expect(Object.keys(commandCases).sort()).toEqual(commands.map((command) => command.name).sort());
  });

  it('has parameters for each that its schema takes, and an id in every place for one', () => {
    for (const { command, each } of everyCase()) {
      expect([command.name, command.params.safeParse(each(makerFor())).error]).toEqual([
        command.name,
        undefined,
      ]);
    }
    const withoutIds = commands.filter((command) => {
      const asked = new Set<string>();
      for (const each of commandCases[command.name] ?? []) each(makerFor({}, asked));
      return asked.size === 0;
    });
    // These are about whoever sends them.
    expect(withoutIds.map((command) => command.name).sort()).toEqual([
      'calls.ice-servers',
      'calls.mine',
      'reach.set-idle',
    ]);
  });
});

describe('ids of another organisation', () => {
  it('are answered exactly as ids that name nothing, and nobody there notices', async () => {
    const caller = await running.page(theirs.by.owner);
    const callee = await running.page(theirs.by.member);
    const { call } = await caller.command(startCall, { to: theirs.by.member.id });
    await callee.until(() => callee.call(call.id)?.state === 'ringing', 'the ringing');
    // The last of what a call writes as it begins to ring.
    await poll('the claims of the call', async () => {
      const ids = [theirs.by.owner.id, theirs.by.member.id];
      const states = await running.suite.reach.statesOf(theirs.orgId, ids);
      return ids.map((id) => states.get(id)?.state).join() === 'call,ringing';
    });
    const before = await settledFingerprint(running, theirs.orgId);
    const heard = () => [caller, callee].map(({ got }) => got.filter((each) => each.t !== 'pong').length);
    const heardBefore = heard();
    await forAll(everyCase(), async (command, each) => {
      const names = new Set<string>();
      each(makerFor({}, names));
      if (names.size === 0) return null;
      const choices = [[...names], ...(names.size > 1 ? [...names].map((name) => [name]) : [])];
      for (const choice of choices) {
        // The call that rings there now, not one that is over.
        const foreign = Object.fromEntries(
          choice.map((name) => [name, name === 'call' ? call.id : theirs.ids.get(name)!]),
        );
        const nothing = Object.fromEntries(choice.map((name) => [name, running.test.core.ids.next()]));
        const comparable = (reply: Reply, ids: Record<string, string>) => {
          let text = JSON.stringify(reply);
          for (const id of Object.values(ids)) text = text.replaceAll(id, '<asked for>');
          return text;
        };
        const a = comparable(await send(page, command, each(makerFor(foreign))), foreign);
        const b = comparable(await send(page, command, each(makerFor(nothing))), nothing);
        if (a !== b) return `${command.name} with ${choice.join(' and ')} of others:\n  ${a}\n  ${b}`;
      }
      return null;
    });
    expect(heard()).toEqual(heardBefore);
    expect(callee.call(call.id)?.state).toBe('ringing');
    expect(await settledFingerprint(running, theirs.orgId)).toEqual(before);
    await caller.command(hangUpCall, { callId: call.id });
  }, 60_000);
});

describe('parameters that are not what was asked for', () => {
  const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`);
  const wrong: Record<string, unknown> = {
    nothing: null,
    object: { $ne: null },
    array: [[], {}],
    'a prototype': JSON.parse('{"__proto__":{"role":"owner"}}'),
    'null character': 'a\0b',
    'half a character': 'a\ud800b',
    'no id': 'x',
    'large number': 1e30,
    'negative number': -(2 ** 40),
    'no whole number': 1.5,
    true: true,
    long: 'x'.repeat(100_000),
    deep,
  };
  function* spoilt(value: unknown, by: unknown): Generator<unknown> {
    yield by;
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      for (const each of spoilt(part, by)) yield { ...value, [name]: each };
    }
  }

  it('are refused with a reason in every place, and the socket stays', async () => {
    let tried = 0;
    await forAll(everyCase(), async (command, each) => {
      for (const [name, by] of Object.entries(wrong)) {
        // An id in a place for one would do something: ids name nothing here.
        const names = new Set<string>();
        each(makerFor({}, names));
        const nothing = Object.fromEntries([...names].map((id) => [id, running.test.core.ids.next()]));
        for (const params of spoilt(each(makerFor(nothing)), by)) {
          tried += 1;
          const { error } = await send(page, command, params);
          const label = `${command.name} with ${name} in ${JSON.stringify(params)?.slice(0, 120)}`;
          if (error && error.status >= 500) return `${label}: ${error.status} ${error.title}`;
          if (error && !error.code) return `${label}: ${error.status} without a code`;
          if (!error && !command.params.safeParse(params).success) return `${label}: was taken`;
          if (page.closed !== null) return `${label}: the socket was closed with ${page.closed}`;
        }
      }
      return null;
    });
    expect(tried).toBeGreaterThan(200);
    const mine = commands.find((command) => command.name === 'calls.mine')!;
    expect(await send(page, mine, {})).toEqual({ result: { calls: [] } });
  }, 60_000);

  it('are not even looked at of a command that nobody knows', async () => {
    const unknown = { ...commands[0]!, name: 'calls.no-such-thing' as const };
    expect((await send(page, unknown, {})).error).toMatchObject({ status: 404, code: 'unknown-command' });
  });

  it('leave the log without an unexpected error', () => {
    expect(running.test.logged.filter((line) => line.level === 'error')).toEqual([]);
  });
});
