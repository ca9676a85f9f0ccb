import type { Role } from '@liaison/core/contract';
import type { Member } from '../suite.ts';

/** What a request is made of; `params` and `query` by name. */
export interface Input {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Body of a `raw` route. */
  readonly bytes?: Buffer;
}

export interface Maker {
  /** The id of something of the world; see `world.ts` for the names. */
  id(name: string): string;
  /** A fresh uuid that names nothing (a client's own key). */
  key(): string;
  /** A fresh word. */
  unique(): string;
  readonly domain: string;
  readonly me: Member;
}

/** One way to use a route, and the least role in the organisation that may. `nobody`: without being signed in. */
export interface RouteCase {
  readonly what?: string;
  readonly least: Role | 'nobody';
  readonly request?: (make: Maker) => Input;
  /** What the least role is answered, where it is a refusal of another kind (a wrong password). */
  readonly status?: number;
}

export type RouteCases = Readonly<Record<string, readonly RouteCase[]>>;

/** A path with one `:id`: a thing of the world. */
export const one = (name: string) => (make: Maker) => ({ params: { id: make.id(name) } });
/** The same of what each of the four has. */
export const own = (thing: string) => (make: Maker) => ({
  params: { id: make.id(`${thing}-${make.me.role}`) },
});
/** One that opens nothing. */
export const token = 'x'.repeat(43);
