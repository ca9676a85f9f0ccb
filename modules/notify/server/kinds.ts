import type { NewsKind, NewsSource } from '@liaison/core/news';
import type { When } from '../contract/index.ts';

/** What is chosen for a person, as its row says it. */
export interface Chosen extends Record<string, unknown> {
  readonly person_id: string;
  readonly space_id: string | null;
  readonly container_id: string | null;
  readonly kind: string | null;
  readonly chosen: When;
}

interface About {
  readonly kind: string;
  readonly spaceId: string | null;
  readonly containerId: string | null;
}

export interface Kinds {
  readonly all: readonly NewsKind[];
  find(kind: string): NewsKind | undefined;
  sourceOf(kind: string): NewsSource | undefined;
}

/** @throws Error when two sources offer a kind of the same name. */
export function gatherKinds(sources: readonly NewsSource[]): Kinds {
  const byName = new Map<string, { kind: NewsKind; source: NewsSource }>();
  for (const source of sources) {
    for (const kind of source.kinds) {
      if (byName.has(kind.kind)) throw new Error(`${kind.kind} is offered twice`);
      byName.set(kind.kind, { kind, source });
    }
  }
  return {
    all: [...byName.values()].map(({ kind }) => kind),
    find: (kind) => byName.get(kind)?.kind,
    sourceOf: (kind) => byName.get(kind)?.source,
  };
}

/**
 * When it comes to somebody with these choices: what is chosen for the nearest place holds, and there what is chosen for the
 * kind before what is chosen for all.
 */
export function whenOf(usual: When, about: About, chosen: readonly Chosen[]): When {
  let nearest = -1;
  let when = usual;
  for (const each of chosen) {
    if (each.kind !== null && each.kind !== about.kind) continue;
    if (each.space_id !== null && each.space_id !== about.spaceId) continue;
    if (each.container_id !== null && each.container_id !== about.containerId) continue;
    const depth =
      (each.container_id !== null ? 4 : each.space_id !== null ? 2 : 0) + (each.kind !== null ? 1 : 0);
    if (depth > nearest) {
      nearest = depth;
      when = each.chosen;
    }
  }
  return when;
}
