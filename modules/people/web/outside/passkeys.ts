/** The browser's side of WebAuthn, in the JSON forms that the server speaks (WebAuthn Level 3 §5.1.8 and §5.1.9). */

type Options = Record<string, unknown>;
/** What `credential.toJSON()` gives, as the contract takes it. */
export interface PasskeyAnswer {
  [more: string]: unknown;
  id: string;
  rawId: string;
  type: 'public-key';
  response: Record<string, unknown>;
}

/** False on pages without a secure origin, and in browsers that cannot read the JSON forms. */
export const canUsePasskeys = (): boolean =>
  typeof PublicKeyCredential === 'function' &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

/** Whether passkeys can be offered in the list under the address field. */
export async function canOfferPasskeys(): Promise<boolean> {
  if (!canUsePasskeys()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

function answerOf(credential: Credential | null): PasskeyAnswer {
  if (!(credential instanceof PublicKeyCredential))
    throw new DOMException('no credential', 'NotAllowedError');
  return credential.toJSON() as unknown as PasskeyAnswer;
}

/** Has a passkey sign the server's challenge. `quietly`: in the list under the address field, until `signal` ends it. */
export async function askForPasskey(
  options: Options,
  { quietly = false, signal }: { quietly?: boolean; signal?: AbortSignal } = {},
): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return answerOf(
    await navigator.credentials.get({
      publicKey,
      ...(quietly ? { mediation: 'conditional' as const } : {}),
      ...(signal ? { signal } : {}),
    }),
  );
}

/** Has the device make a passkey. */
export async function makePasskey(options: Options): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return answerOf(await navigator.credentials.create({ publicKey }));
}

/** The person closed the browser's window, or let it run out: nothing to complain about. */
export const wasGivenUp = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');

/** This device already holds a passkey for this account. */
export const isThereAlready = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'InvalidStateError';
