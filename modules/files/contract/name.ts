/** Why a name cannot be used; each is a code of a `Problem` as `name-<fault>`. */
export type NameFault = 'empty' | 'long' | 'sign' | 'reserved' | 'marks';

/** Longest name in bytes of UTF-8, as file systems have it. */
export const maxNameBytes = 255;

/** Devices of Windows, with any ending: a folder that holds one cannot be opened there. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** What separates paths, control signs, and signs that turn the direction of what is read. */
const badSigns = /[/\\\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u;
/** More marks on one letter than any script has cover the lines above and below. */
const tooManyMarks = /\p{M}{9}/u;

/** The name as it is kept: NFC, without white space around it. */
export const normalName = (name: string): string => name.normalize('NFC').trim();

/** What is wrong with a name that is to be given; null when nothing is. Ask `normalName` first. */
export function nameFault(name: string): NameFault | null {
  if (name === '') return 'empty';
  if (new TextEncoder().encode(name).length > maxNameBytes) return 'long';
  if (!name.isWellFormed() || badSigns.test(name)) return 'sign';
  if (tooManyMarks.test(name.normalize('NFD'))) return 'marks';
  // Windows drops dots at the end, so that `a` and `a.` would be one.
  if (name === '.' || name === '..' || name.endsWith('.') || devices.test(name)) return 'reserved';
  return null;
}

/** A name as near to the given one as files can have it, its ending kept; for what has come already and must have one. */
export function mendedName(given: string): string {
  const name = normalName(given.toWellFormed().replace(new RegExp(badSigns, 'gu'), '_'))
    .normalize('NFD')
    .replace(/(\p{M}{8})\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/\.+$/, '');
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  let stem = name.slice(0, name.length - ending.length);
  const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
  while (bytesOf(stem + ending) > maxNameBytes) stem = [...stem].slice(0, -1).join('');
  const whole = `${stem.trimEnd()}${ending}`;
  if (nameFault(whole) === 'reserved') return `_${whole}`.slice(0, maxNameBytes);
  return nameFault(whole) === null ? whole : 'file';
}

/** Two names with the same fold cannot stand in one folder: case and compatibility forms do not tell files apart. */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');

/** `name` before and with `(2)` after what stands before the ending; for copies and clashes. Never longer than a name may be. */
export function numberedName(name: string, number: number): string {
  if (number < 2) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  const suffix = ` (${number})`;
  const room = maxNameBytes - new TextEncoder().encode(suffix + ending).length;
  let stem = name.slice(0, name.length - ending.length);
  while (new TextEncoder().encode(stem).length > room) stem = [...stem].slice(0, -1).join('');
  return `${stem.trimEnd()}${suffix}${ending}`;
}
