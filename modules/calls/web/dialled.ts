/** What can be rung without finding anybody first: an address, digits as people write numbers and extensions, or a code. */
export function dialledText(typed: string): string | null {
  const text = typed.trim().replace(/^(?:sips?|tel):/i, '');
  if (/^[*#][\d*#]{1,16}$/.test(text)) return text;
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text.toLowerCase();
  if (!/^\+?[\d\s().\-/]+$/.test(text)) return null;
  const digits = text.replace(/[^\d+]/g, '');
  return /^\+?\d{2,17}$/.test(digits) ? digits : null;
}
