const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text between tags and in attributes, without control characters and halves of characters (XML 1.0 §2.2). */
export const xmlText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}]/gu, '').replace(/[&<>"']/g, (character) => references[character]!);
