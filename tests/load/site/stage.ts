import type { Row } from '../measure/report.ts';
import { host } from './lab-description.ts';
import { type LivePages, openLivePages } from './live-pages.ts';
import { type MessageStream, openMessageStream } from './message-stream.ts';
import { ask, type Edge, foundOrganisation, type Member, openConversation, readAll } from './site-client.ts';
import { openSiteLab, type SiteLab, until } from './site-lab.ts';
import { openVisitors, type Visitors } from './visitors.ts';

/** A site with people on it: what is done to it is seen by them. */
export interface Stage {
  readonly site: SiteLab;
  readonly edges: readonly Edge[];
  readonly members: readonly Member[];
  readonly pages: LivePages;
  readonly stream: MessageStream;
  readonly say: (line: string) => void;
  /** Visitors of all edges but those of nodes that are about to be lost. */
  visitors(options?: { pauseMs?: number; perEdge?: number; without?: number }): Visitors;
  close(): Promise<void>;
}

/** What is done to a site, and what is to be written down of it. */
export type Step = (stage: Stage) => Promise<readonly Row[]>;

export const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

/** Deploys the site, founds its organisation with the link of the first start, and opens pages. */
export async function openStage(options: { say: (line: string) => void; sources?: string }): Promise<Stage> {
  const { say } = options;
  const site = await openSiteLab(options);
  try {
    const edges = site.nodes.map(({ address }) => ({ address, authority: site.authority }));
    const [first] = edges;
    if (first === undefined) throw new Error('the site has no edge');
    await until(
      async () => (await ask(first, { path: '/readyz', withinMs: 3000 })).status === 200,
      `https://${host} answers`,
      120_000,
    );
    say('an organisation, its people, and their pages');
    const members = await foundOrganisation(first, await setupToken(site), 2);
    const [one, other] = members;
    if (one === undefined || other === undefined) throw new Error('there are no two people');
    const conversation = await openConversation(first, one, other);
    const pages = openLivePages(edges, members, (edge, member) => readAll(edge, conversation.id, member));
    await until(async () => pages.areLive(), 'every page is connected', 60_000);
    const stream = openMessageStream({ edges, conversationId: conversation.id, member: one });
    await until(async () => pages.told.every((texts) => texts.length > 0), 'every page hears a message');
    return {
      site,
      edges,
      members,
      pages,
      stream,
      say,
      visitors: ({ pauseMs = 50, perEdge = 1, without } = {}) =>
        openVisitors({ edges: edges.filter((_, at) => at !== without), member: other, pauseMs, perEdge }),
      async close() {
        pages.close();
        await stream.stop();
        await site.close();
      },
    };
  } catch (error) {
    await site.close();
    throw error;
  }
}

/** The link that the first process shows in its log. */
async function setupToken(site: SiteLab): Promise<string> {
  for (const { engine, id } of await site.healthy('front')) {
    const token = /\/setup#([\w-]+)/.exec(await engine.docker(['logs', id], { complaintsToo: true }))?.[1];
    if (token !== undefined) return token;
  }
  throw new Error('no process shows the link for setting up');
}
