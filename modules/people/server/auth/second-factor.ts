import { Problem } from '@liaison/core/contract';
import type { Library } from './library.ts';

interface Row extends Record<string, unknown> {
  id: string;
  secret: string;
  verified: boolean | null;
}

/** The authenticator app (RFC 6238) and its recovery codes; seeds are sealed by the library under our keys. */
export interface SecondFactor {
  isOn(personId: string): Promise<boolean>;
  recoveryCodesLeft(personId: string): Promise<number>;
  recoveryCodes(personId: string): Promise<string[]>;
  /**
   * Confirms what was begun, with the app's first code.
   *
   * @throws Problem 409 `no-totp-begun`.
   */
  confirm(personId: string, code: string): Promise<boolean>;
  disable(personId: string): Promise<void>;
  /** Whose sign-in waits for a code, by the challenge's identifier in its cookie. */
  personOfChallenge(cookieHeader: string | undefined): Promise<string | null>;
  /**
   * Takes a code out of use for as long as it would hold.
   *
   * @returns false when it was used already: RFC 6238 §5.2 wants each accepted once.
   */
  spend(personId: string, code: string): Promise<boolean>;
}

export function createSecondFactor(library: Library): SecondFactor {
  const find = async (personId: string): Promise<Row | undefined> =>
    (
      await library.query<Row>('select id, secret, verified from "twoFactor" where "userId" = $1', [personId])
    )[0];

  async function recoveryCodes(personId: string): Promise<string[]> {
    const [{ secretConfig }, { symmetricDecrypt }] = await Promise.all([
      library.context(),
      import('better-auth/crypto'),
    ]);
    const [row] = await library.query<{ backupCodes: string }>(
      'select "backupCodes" from "twoFactor" where "userId" = $1',
      [personId],
    );
    if (!row) return [];
    const codes: unknown = JSON.parse(await symmetricDecrypt({ key: secretConfig, data: row.backupCodes }));
    return Array.isArray(codes) ? codes.map(String) : [];
  }

  return {
    async isOn(personId) {
      const row = await find(personId);
      return row?.verified === true;
    },
    recoveryCodes,
    recoveryCodesLeft: async (personId) => (await recoveryCodes(personId)).length,
    async confirm(personId, code) {
      const row = await find(personId);
      if (!row || row.verified === true) {
        throw new Problem(409, 'no-totp-begun', 'Begin with the authenticator app first.');
      }
      const [{ secretConfig }, { symmetricDecrypt }, { createOTP }] = await Promise.all([
        library.context(),
        import('better-auth/crypto'),
        import('@better-auth/utils/otp'),
      ]);
      const secret = await symmetricDecrypt({ key: secretConfig, data: row.secret });
      if (!(await createOTP(secret, { digits: 6, period: 30 }).verify(code))) return false;
      await library.query(
        `with a as (update "twoFactor" set verified = true where id = $2)
         update "user" set "twoFactorEnabled" = true where id = $1`,
        [personId, row.id],
      );
      return true;
    },
    async disable(personId) {
      await library.query(
        `with a as (delete from "twoFactor" where "userId" = $1)
         update "user" set "twoFactorEnabled" = false where id = $1`,
        [personId],
      );
    },
    async personOfChallenge(cookieHeader) {
      const match = /(?:^|;\s*)(?:__Secure-)?liaison\.two_factor=([^;]+)/.exec(cookieHeader ?? '');
      // The library checks the signature; here the identifier only finds whose tries to count.
      const identifier = decodeSafely(match?.[1] ?? '').split('.')[0];
      if (!identifier) return null;
      const { internalAdapter } = await library.context();
      return (await internalAdapter.findVerificationValue(identifier))?.value ?? null;
    },
    async spend(personId, code) {
      const identifier = `spent-code-${personId}-${code}`;
      const rows = await library.query(
        `insert into verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
         select gen_random_uuid()::text, $1, 'spent', now() + interval '2 minutes', now(), now()
         where pg_try_advisory_xact_lock(hashtextextended($1, 0))
           and not exists (select from verification where identifier = $1 and "expiresAt" > now())
         returning id`,
        [identifier],
      );
      return rows.length > 0;
    },
  };
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
