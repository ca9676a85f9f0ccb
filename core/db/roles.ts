/**
 * The database roles, made by `migrate` and never by hand.
 *
 * - `liaison_owner` owns schemas and tables and cannot log in; only migrations act as it.
 * - `liaison_app` serves people: row-level security shows it one organisation, named per transaction.
 * - `liaison_system` works across organisations (outbox, leases, sign-in); its statements sit in files named
 *   `across-organisations.ts` and in core.
 * - `liaison_auth` belongs to the sign-in library and sees its schema alone.
 * - `liaison_jobs` belongs to the job queue and sees its schema alone.
 *
 * None is SUPERUSER or BYPASSRLS and none that logs in owns one of our tables; `catalogue.test.ts` reads the catalogue.
 */
export const loginRoles = ['liaison_app', 'liaison_system', 'liaison_auth', 'liaison_jobs'] as const;
export type LoginRole = (typeof loginRoles)[number];
export const ownerRole = 'liaison_owner';

/** Gives the password of a role; derived from the master key, so every process of an installation agrees. */
export type RolePassword = (role: LoginRole) => string;
