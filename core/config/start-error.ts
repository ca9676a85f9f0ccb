/**
 * Why the program cannot start, in the one line that its operator needs: what is wrong, which setting
 * decides it, and what mends it. Printed alone, without a stack; the exit status is then 1.
 */
export class StartError extends Error {
  override readonly name: string = 'StartError';
  /** What is wrong, as a short sentence without a full stop. */
  readonly what: string;
  /** The setting that decides it (`LIAISON_DATA`), or '' where none does. */
  readonly setting: string;
  /** What to do, as an imperative. */
  readonly mend: string;

  constructor(reason: { what: string; setting?: string; mend: string; cause?: unknown }) {
    const parts = [reason.what, reason.setting ?? '', reason.mend].filter((part) => part !== '');
    super(parts.map(oneLine).join(' · '), reason.cause === undefined ? undefined : { cause: reason.cause });
    this.what = oneLine(reason.what);
    this.setting = reason.setting ?? '';
    this.mend = oneLine(reason.mend);
  }
}

/** A setting has a value that cannot be used. */
export class SettingError extends StartError {
  override readonly name = 'SettingError';
}

/**
 * Prints why the program ends and sets exit status 1: one line for a `StartError`, the stack for anything
 * else, because that is a fault of ours and not of the operator.
 */
export function reportFatal(
  error: unknown,
  write: (text: string) => void = (text) => process.stderr.write(text),
): void {
  process.exitCode = 1;
  if (error instanceof StartError) write(`liaison: ${error.message}\n`);
  else
    write(
      `liaison: unexpected fault\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
}

/** Where the address of a listener could not be had: says which setting names it and what mends it. */
export function listenError(error: unknown, setting: string, address: string): StartError {
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    const mend = `stop the program that holds it, or choose another port (0 takes any free one)`;
    return new StartError({ what: `${address} is already taken`, setting, mend, cause: error });
  }
  if (code === 'EACCES') {
    const mend = 'choose a port above 1023, or allow the program to open low ports';
    return new StartError({ what: `${address} may not be opened by this user`, setting, mend, cause: error });
  }
  if (code === 'EADDRNOTAVAIL') {
    const mend = 'name an address of this machine, or 0.0.0.0 for all';
    return new StartError({
      what: `${address} is not an address of this machine`,
      setting: 'LIAISON_BIND',
      mend,
      cause: error,
    });
  }
  const what = `${address} could not be opened (${error instanceof Error ? error.message : String(error)})`;
  return new StartError({ what, setting, mend: 'choose another address or port', cause: error });
}

/**
 * Where the system refused a folder or file of ours: says which setting names it and what mends it. Anything else than
 * the system's refusal is a fault of ours, and is given back as it is.
 */
export function storageError(error: unknown, path: string, setting = 'LIAISON_DATA'): Error {
  const code = systemCode(error);
  if (
    error instanceof StartError ||
    (error instanceof Error && (code === undefined || code.startsWith('ERR_')))
  )
    return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StartError({
      what: `no space is left for ${path}`,
      setting,
      mend: 'free some space, or name a folder on another disk',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StartError({
      what: `${path} cannot be written by this user`,
      setting,
      mend: 'give this user the folder, or name another one',
      cause: error,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new StartError({ what: `${path} is not a folder`, setting, mend: 'name a folder', cause: error });
  }
  const what = `${path} cannot be used (${error instanceof Error ? error.message : String(error)})`;
  return new StartError({ what, setting, mend: 'look at that path, or name another folder', cause: error });
}

/** The system's error code (`ENOENT`), or undefined for anything that has none. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
