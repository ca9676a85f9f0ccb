import { domainToASCII } from 'node:url';
import { invalid } from '../contract/index.ts';
import type { NameKind } from './names.ts';

const domainPattern =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
// Letters and digits of any script, with marks, and what addresses use between them.
const localPartPattern = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u;
const handlePattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

const fold = (text: string) => text.normalize('NFC').toLowerCase().normalize('NFC');

function domain(text: string): string {
  // Unicode and `xn--` spellings of a domain are one name; the ASCII one is kept.
  const ascii = domainToASCII(fold(text)).toLowerCase();
  if (!domainPattern.test(ascii)) throw invalid('This is not a domain name.');
  return ascii;
}

const octets = (text: string) => Buffer.byteLength(text, 'utf8');

/**
 * The one spelling under which a name is unique: NFC and lower case; domains in ASCII; extensions two to ten digits.
 *
 * @throws Problem 400 `invalid` for what cannot be such a name.
 */
export function normalizeName(kind: NameKind, text: string): string {
  if (text.length > 320) throw invalid('This name is too long.');
  switch (kind) {
    case 'domain':
      return domain(text);
    case 'address': {
      const at = text.lastIndexOf('@');
      const local = fold(text.slice(0, Math.max(0, at)));
      // RFC 5321 §4.5.3.1.1: a local part has at most 64 octets. Dots neither lead, trail nor follow each other.
      if (at < 1 || octets(local) > 64 || !localPartPattern.test(local) || /^\.|\.\.|\.$/.test(local)) {
        throw invalid('This is not an address.');
      }
      const address = `${local}@${domain(text.slice(at + 1))}`;
      // RFC 5321 §4.5.3.1.3 leaves 254 octets for what stands between < and >.
      if (octets(address) > 254) throw invalid('This address is too long.');
      return address;
    }
    case 'handle': {
      const handle = fold(text);
      if (octets(handle) > 64 || !handlePattern.test(handle)) throw invalid('This is not a handle.');
      return handle;
    }
    case 'extension':
      if (!/^[0-9]{2,10}$/.test(text)) throw invalid('An extension is two to ten digits.');
      return text;
  }
}
