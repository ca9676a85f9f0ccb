import { StartError } from '@liaison/core/config';
import { ForeignMasterKey, MigrationRefused } from '@liaison/core/db';
import { masterKeyFile } from '@liaison/core/secrets';

/** What a failed first contact with the database, or a failed migration, means to the operator. */
export function databaseError(error: unknown, isExternal: boolean, dataFolder: string): Error {
  if (error instanceof StartError) return error;
  if (error instanceof ForeignMasterKey) {
    return new StartError({
      what: error.message,
      setting: 'LIAISON_DATA',
      mend: `put the key file of the machine that set it up (or its backup’s) in the place of ${masterKeyFile(dataFolder)}`,
      cause: error,
    });
  }
  if (error instanceof MigrationRefused) {
    return new StartError({
      what: error.message,
      setting: isExternal ? 'DATABASE_URL' : 'LIAISON_DATA',
      mend: 'start the newer program, or restore a backup made before it',
      cause: error,
    });
  }
  if (!isExternal) return error instanceof Error ? error : new Error(String(error));
  const [what, mend] = externalFault(error);
  return new StartError({ what, setting: 'DATABASE_URL', mend, cause: error });
}

function externalFault(error: unknown): [what: string, mend: string] {
  const code = codeOf(error);
  const said = error instanceof Error && error.message !== '' ? error.message : code;
  // PostgreSQL's classes of conditions: 28 authorisation, 3D no such database, 42501 a right is missing.
  if (code.startsWith('28')) return [`the database refuses us (${said})`, 'correct its user and password'];
  if (code.startsWith('3D')) return [`${said}`, 'create that database, or correct its name'];
  if (code === '42501') {
    const mend =
      'name a user that may create roles and schemas: ALTER ROLE … CREATEROLE, and own the database';
    return [`the database’s user has too few rights (${said})`, mend];
  }
  if (said.startsWith('migration ')) {
    return [said, 'look at what it says; Liaison needs PostgreSQL 18 with pg_trgm and unaccent'];
  }
  return [`the database cannot be reached (${said})`, 'correct its address, or start that server'];
}

/** The system's or PostgreSQL's code; of several addresses tried, the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined && !('code' in error)) return codeOf(error.cause);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
