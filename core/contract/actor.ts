/** Rights from nothing to everything; each includes those before it. */
export const rights = ['none', 'free-busy', 'read', 'comment', 'write', 'manage'] as const;
export type Right = (typeof rights)[number];

/** True when `held` is at least `needed`. */
export const covers = (held: Right, needed: Right): boolean => rights.indexOf(held) >= rights.indexOf(needed);

export const roles = ['guest', 'member', 'manager', 'owner'] as const;
/** A person's role in a space. `owner` exists in the organisation's own space only. */
export type Role = (typeof roles)[number];

/** What a role gives in its space where no grant says otherwise. */
export const roleRights: Record<Role, Right> = {
  guest: 'comment',
  member: 'write',
  manager: 'manage',
  owner: 'manage',
};

interface InOrganisation {
  readonly orgId: string;
}

/** Who asks. Every access check takes one; nothing else decides about rights. */
export type Actor =
  | (InOrganisation & {
      readonly kind: 'person';
      readonly personId: string;
      /** Role in the organisation's own space. */
      readonly role: Role;
      readonly sessionId: string;
    })
  | (InOrganisation & {
      readonly kind: 'device';
      readonly deviceId: string;
      readonly personId: string;
      readonly scopes: readonly string[];
    })
  | (InOrganisation & { readonly kind: 'visitor'; readonly linkId: string })
  | (InOrganisation & { readonly kind: 'public' })
  | (InOrganisation & { readonly kind: 'job'; readonly name: string });

export type PersonActor = Extract<Actor, { kind: 'person' }>;

/** The person behind an actor, or null for visitors, the public and jobs. */
export const personOf = (actor: Actor): string | null =>
  actor.kind === 'person' || actor.kind === 'device' ? actor.personId : null;
