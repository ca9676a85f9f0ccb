const maxDepth = 32;

/**
 * Finds what no schema of ours wants anywhere, before a schema looks: text that the database cannot keep (a null
 * character, half of a surrogate pair), and nesting deeper than anything we describe, on which recursion would end.
 *
 * @returns where and why, or null when all is well.
 */
export function malformedAt(value: unknown): { path: string; message: string } | null {
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') {
      if (value.includes('\0')) return { path, message: 'This holds a null character.' };
      if (!value.isWellFormed()) return { path, message: 'This holds half of a character.' };
    } else if (typeof value === 'object' && value !== null) {
      if (depth >= maxDepth) return { path: '', message: `This is nested deeper than ${maxDepth} levels.` };
      for (const [name, each] of Object.entries(value)) {
        if (name.includes('\0') || !name.isWellFormed())
          return { path, message: 'This holds a name that is not text.' };
        open.push({ value: each, path: `${path}.${name.slice(0, 64)}`, depth: depth + 1 });
      }
    }
  }
  return null;
}
