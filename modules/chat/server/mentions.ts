/** `@[Name](person:<id>)`, as the composer writes it. */
const mention = /@\[[^\]]{0,200}\]\(person:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)/g;

/** More people than this are not mentioned, they are addressed: say so to all. */
const maxMentions = 50;

/** Who is mentioned, each once, in order. */
export function mentionsIn(body: string): string[] {
  const found = new Set<string>();
  for (const match of body.matchAll(mention)) {
    found.add(match[1]!);
    if (found.size >= maxMentions) break;
  }
  return [...found];
}
