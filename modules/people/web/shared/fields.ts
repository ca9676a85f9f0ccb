/** Checks of a form before it is sent, alike the server's, which has the last word. */

export const isAddress = (text: string): boolean =>
  /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text.trim()) &&
  !text.includes('..');

export const isDomain = (text: string): boolean =>
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text.trim());

export const isExtension = (text: string): boolean => /^\d{2,8}$/.test(text.trim());

/** Letters that do not come apart into a plain one and a mark. */
const spelled: Readonly<Record<string, string>> = {
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
};

/** `Inês Carvalhal` → `ines.carvalhal`, as the part of an address before the @. */
export const localPartOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[øæœßłđðþ]/g, (letter) => spelled[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 64);

export const minPasswordLength = 10;
