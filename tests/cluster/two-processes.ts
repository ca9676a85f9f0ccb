import type { Reachability } from '@liaison/reach';
import type { Cluster, Colleague, Node } from '../testing/cluster.ts';
import type { Page } from '../testing/page.ts';

/** What each module's part of `modules.test.ts` stands on: two processes with every duty, and four people. */
export interface TwoProcesses {
  readonly cluster: Cluster;
  readonly a: Node;
  readonly b: Node;
  readonly alice: Colleague;
  readonly bob: Colleague;
  readonly carol: Colleague;
  readonly dora: Colleague;
}

/** Somebody's state, as a page was told it last. */
export const reach = (page: Page, who: Colleague): Reachability | undefined =>
  (page.signals('reach.changed') as Reachability[]).filter((each) => each.personId === who.id).at(-1);
