/** What is read of a document, until there is enough of it. */
export interface Enough {
  add(text: string): void;
  /** Longer than is kept, or after more time than is given: whoever reads stops. */
  isEnough(): boolean;
}

export interface Written extends Enough {
  text(): string;
  /** Its reader had no more time. */
  isLate(): boolean;
}

export function createWritten({
  mostCharacters,
  mostMs,
  now = () => performance.now(),
}: {
  mostCharacters: number;
  mostMs: number;
  now?: () => number;
}): Written {
  const until = now() + mostMs;
  const parts: string[] = [];
  let characters = 0;
  return {
    add(text) {
      if (text === '' || characters >= mostCharacters) return;
      parts.push(text.slice(0, mostCharacters - characters));
      characters += text.length;
    },
    isEnough: () => characters >= mostCharacters || now() > until,
    isLate: () => characters < mostCharacters && now() > until,
    // PostgreSQL's texts hold everything but NUL; what separates nothing visible is in nobody's way.
    text: () =>
      parts
        .join('')
        .replaceAll('\0', '')
        .replace(/[^\S\n]+/g, ' ')
        .replace(/ ?\n[\n ]*/g, '\n')
        .trim()
        .toWellFormed(),
  };
}
