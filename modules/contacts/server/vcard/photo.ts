import { type Property, parameterOf } from './property.ts';

/** Larger ones are left out: they would be made small anyway. */
const maxPhotoBytes = 3 * 1024 * 1024;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * The picture of a card: `data:` (RFC 6350 §6.2.4) or `ENCODING=b` (RFC 2426 §3.1.4).
 *
 * @returns `elsewhere` for an address, which nobody fetches: whoever wrote the card would learn who reads it.
 */
export function readPhoto(property: Property): Buffer | 'elsewhere' | 'unreadable' {
  const encoding = parameterOf(property, 'ENCODING')?.toLowerCase();
  const data = /^data:[^,;]{0,100}(?:;[^,;]{0,100}){0,4}?;base64\\?,/i.exec(property.value.slice(0, 600));
  if (!data && encoding !== 'b' && encoding !== 'base64') {
    return /^[a-z][a-z0-9+.-]*:/i.test(property.value) && !/^data:/i.test(property.value)
      ? 'elsewhere'
      : 'unreadable';
  }
  const text = property.value.slice(data?.[0].length ?? 0).replace(/\s/g, '');
  if (text === '' || (text.length * 3) / 4 > maxPhotoBytes || !base64.test(text)) return 'unreadable';
  return Buffer.from(text, 'base64');
}
