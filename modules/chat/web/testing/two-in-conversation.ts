import type { Browser, BrowserContext } from 'playwright-core';
import { expect } from 'vitest';
import type { Conversation, Message } from '../../contract/index.ts';
import { type ChatTab, openChat, openChromium, type ProfileOptions, profileOf, until } from './chat-page.ts';
import { type Actor, openStage, type Stage } from './stage.ts';

/** Inês and Njeri, who share a team's conversation and a direct one, each in a browser of her own. */
export interface TwoInConversation {
  readonly stage: Stage;
  readonly ines: Actor;
  readonly njeri: Actor;
  /** The conversation of the team that all actors belong to. */
  readonly team: Conversation;
  readonly direct: Conversation;
  /** A browser profile of somebody, closed after the test. */
  profile(who: Actor, options?: ProfileOptions): Promise<BrowserContext>;
  tab(context: BrowserContext, path?: string): Promise<ChatTab>;
  /** The conversation on a page of each, ready for writing. */
  both(conversation: Conversation): Promise<[ChatTab, ChatTab]>;
  /** Sends a message past the pages. */
  say(who: Actor, conversation: Conversation, body: string, threadId?: string | null): Promise<Message>;
  /** The newest messages of a conversation, oldest first. */
  messagesOf(conversation: Conversation): Promise<readonly Message[]>;
  /** Closes what a test opened, and expects that no page complained. */
  endTest(): Promise<void>;
  close(): Promise<void>;
}

/** Whoever opens it closes it, and calls `endTest` after each test. */
export async function openTwoInConversation(teamName: string, people = 3): Promise<TwoInConversation> {
  const stage = await openStage({ people });
  const browsers: Browser[] = [];
  const contexts: BrowserContext[] = [];
  const tabs: ChatTab[] = [];
  const close = async (): Promise<void> => {
    for (const browser of browsers.splice(0)) await browser.close();
    await stage.close();
  };
  try {
    const [ines, njeri] = stage.actors as [Actor, Actor];
    // Two browsers: in one of them a page behind another one would be slowed.
    for (const _ of [ines, njeri]) browsers.push(await openChromium());
    const { team, direct } = await createConversations(stage, teamName);
    let keys = 0;

    const profile: TwoInConversation['profile'] = async (who, options) => {
      const context = await profileOf(browsers[who === ines ? 0 : 1]!, who, options);
      contexts.push(context);
      return context;
    };
    const tab: TwoInConversation['tab'] = async (context, path) => {
      const opened = await openChat(context, stage, path);
      tabs.push(opened);
      return opened;
    };
    return {
      stage,
      ines,
      njeri,
      team,
      direct,
      profile,
      tab,
      async both(conversation) {
        const pages = await Promise.all(
          [ines, njeri].map(async (who) => tab(await profile(who), `/chat/${conversation.id}`)),
        );
        for (const { page } of pages) await page.getByRole('textbox', { name: /^Message / }).waitFor();
        return pages as [ChatTab, ChatTab];
      },
      async say(who, conversation, body, threadId = null) {
        keys += 1;
        const clientKey = `44444444-0000-4000-8000-${String(keys).padStart(12, '0')}`;
        const path = `/chat/conversations/${conversation.id}/messages`;
        return (await stage.as(who, 'POST', path, { clientKey, body, threadId })) as Message;
      },
      async messagesOf(conversation) {
        const answer = await stage.as(ines, 'GET', `/chat/conversations/${conversation.id}/messages`);
        return (answer as { rows: Message[] }).rows;
      },
      async endTest() {
        for (const context of contexts.splice(0)) await context.close();
        expect(tabs.splice(0).flatMap(({ troubles }) => troubles)).toEqual([]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createConversations(
  stage: Stage,
  name: string,
): Promise<{ team: Conversation; direct: Conversation }> {
  const [ines, ...others] = stage.actors as [Actor, ...Actor[]];
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name, memberIds: others.map(({ id }) => id) });
  let team: Conversation | undefined;
  await until(async () => {
    const { rows } = (await stage.as(ines, 'GET', '/chat/conversations')) as { rows: Conversation[] };
    team = rows.find((each) => each.kind === 'team');
    return team !== undefined;
  }, 'the team has its conversation');
  const direct = await stage.as(ines, 'POST', '/chat/direct', { personId: others[0]!.id });
  return { team: team!, direct: direct as Conversation };
}
