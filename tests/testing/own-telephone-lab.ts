import { type InviteSession, type NameAddr, parseNameAddr } from '@liaison/sip';
import { type OwnCall, type OwnTelephone, openOwnTelephone } from './own-telephone.ts';
import type { Member, NewMember, RunningSuite } from './suite.ts';
import { noClaims, poll } from './world.ts';

/** Three people, and telephones of our own for them. */
export interface OwnTelephoneLab {
  readonly domain: string;
  readonly alice: Member;
  readonly bob: Member;
  readonly carla: Member;
  /** One more telephone, registered at the server of the lab unless at another one on the same database. */
  telephone(member: Member, at?: RunningSuite): Promise<OwnTelephone>;
  addressOf(member: Member): NameAddr;
  /** Ends every telephone so far, and waits for the end of their calls; for `afterEach`. */
  endTelephones(): Promise<void>;
}

/** Makes them at a server that is there. */
export async function openOwnTelephoneLab(
  running: RunningSuite,
  others: readonly NewMember[] = [],
): Promise<OwnTelephoneLab> {
  const { domain, members } = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carla', extension: '4103' },
    ...others,
  ]);
  const [alice, bob, carla] = members as [Member, Member, Member];
  const open: OwnTelephone[] = [];
  return {
    domain,
    alice,
    bob,
    carla,
    async telephone(member, at = running) {
      const made = await openOwnTelephone(at, domain, member);
      open.push(made);
      return made;
    },
    addressOf: (member) => parseNameAddr(`<sip:${member.extension}@${domain}>`),
    async endTelephones() {
      for (const telephone of open.splice(0)) await telephone.close();
      // They are switched off, not signed off: nobody waits for them in the next test.
      await running.test.testDb.admin('delete from calls.registration');
      await noClaims(running, ['call', 'ringing']);
    },
  };
}

/** What a telephone says in its call is heard at another one, from now on. */
export async function soundReaches(from: OwnCall, to: OwnTelephone, byte: number): Promise<void> {
  const before = to.heard(byte);
  await poll('its sound is heard', async () => {
    from.say(byte, 3);
    return to.heard(byte) > before + 5;
  });
}

/** Resolves once the session has ended. */
export const over = (session: InviteSession | undefined): Promise<boolean> =>
  poll('the session is over', async () => session?.state === 'ended');
