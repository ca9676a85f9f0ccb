import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { nameSchema, personSummarySchema } from '../person.ts';

/** Roles inside a team or group; `owner` exists in the organisation only. */
export const teamRoleSchema = z.enum(['guest', 'member', 'manager']);

export const teamSchema = z.object({
  id: idSchema,
  /** A team works together (conversation, calendar, files); a group only receives rights. */
  kind: z.enum(['team', 'group']),
  name: z.string(),
  archived: z.boolean(),
  memberCount: z.number().int(),
  /** The asker's role, null when she is not in it. */
  myRole: teamRoleSchema.nullable(),
});
export type Team = z.infer<typeof teamSchema>;

const teamId = z.object({ id: idSchema });
const memberId = z.object({ id: idSchema, personId: idSchema });

/** By name. Guests see their own only. */
export const listTeams = defineRoute({
  method: 'GET',
  path: '/teams',
  access: 'session',
  summary: 'Teams and groups.',
  query: z.object({
    kind: z.enum(['team', 'group']).optional(),
    archived: z.enum(['true', 'false']).default('false'),
  }),
  response: z.object({ teams: z.array(teamSchema).max(2000) }),
});

/**
 * Members make teams, where the organisation lets them, and manage them; groups are made by managers of the
 * organisation.
 */
export const createTeam = defineRoute({
  method: 'POST',
  path: '/teams',
  access: 'session',
  summary: 'Create a team or group.',
  body: z.object({
    kind: z.enum(['team', 'group']).default('team'),
    name: nameSchema,
    memberIds: z.array(idSchema).max(500).default([]),
  }),
  response: teamSchema,
});

export const getTeam = defineRoute({
  method: 'GET',
  path: '/teams/:id',
  access: 'session',
  summary: 'One team.',
  params: teamId,
  response: teamSchema,
});

export const changeTeam = defineRoute({
  method: 'PATCH',
  path: '/teams/:id',
  access: 'session',
  summary: 'Rename a team, archive it or take it back into use.',
  params: teamId,
  body: z.object({ name: nameSchema, archived: z.boolean() }).partial(),
  response: teamSchema,
});

export const listTeamMembers = defineRoute({
  method: 'GET',
  path: '/teams/:id/members',
  access: 'session',
  summary: 'Who is in a team.',
  params: teamId,
  response: z.object({
    members: z.array(z.object({ person: personSummarySchema, teamRole: teamRoleSchema })).max(5000),
  }),
});

/** Adds somebody, or changes the role. A team without an active manager may be helped by managers of the organisation. */
export const setTeamMember = defineRoute({
  method: 'PUT',
  path: '/teams/:id/members/:personId',
  access: 'session',
  summary: 'Add a member or change the role.',
  params: memberId,
  body: z.object({ role: teamRoleSchema }),
});

/** Everybody may leave; managers remove others. 409 `last-manager`. */
export const removeTeamMember = defineRoute({
  method: 'DELETE',
  path: '/teams/:id/members/:personId',
  access: 'session',
  summary: 'Remove a member, or leave.',
  params: memberId,
});
