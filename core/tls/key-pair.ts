import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { StartError } from '../config/index.ts';

/** What a TLS listener needs, as PEM: the certificate first, then those that lead to its authority. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** Reads and checks a pair of the operator's files. Throws a `StartError` that names the setting. */
export async function readKeyPair(certificateFile: string, keyFile: string): Promise<KeyPair> {
  const certificate = await readPem(certificateFile, 'LIAISON_TLS_CERT');
  const key = await readPem(keyFile, 'LIAISON_TLS_KEY');
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch (error) {
    const mend = 'name a PEM file that begins with the server’s certificate';
    throw new StartError({
      what: `${certificateFile} holds no certificate`,
      setting: 'LIAISON_TLS_CERT',
      mend,
      cause: error,
    });
  }
  let fits: boolean;
  try {
    fits = parsed.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const mend = 'name a PEM file with a private key that has no passphrase';
    throw new StartError({
      what: `${keyFile} holds no private key`,
      setting: 'LIAISON_TLS_KEY',
      mend,
      cause: error,
    });
  }
  if (!fits) {
    const mend = 'name the key of that certificate';
    throw new StartError({
      what: `${keyFile} does not belong to ${certificateFile}`,
      setting: 'LIAISON_TLS_KEY',
      mend,
    });
  }
  return { certificate, key };
}

/** Changes whenever one of the files is replaced or written, also behind a symbolic link. */
export async function fileMark(...files: string[]): Promise<string> {
  const marks = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
    }),
  );
  return marks.join('\n');
}

async function readPem(file: string, setting: string): Promise<string> {
  try {
    if ((await stat(file)).size > 1_000_000) throw new Error('it is too large');
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError({
      what: `${file} cannot be read (${reason})`,
      setting,
      mend: 'name a PEM file that this user may read',
      cause: error,
    });
  }
}
