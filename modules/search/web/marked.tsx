import type { MarkedText } from '../contract/index.ts';
import classes from './search.module.css';

/** A line in its pieces; those that were found are marked. The pieces are text and nothing else. */
export function Marked({ pieces }: { pieces: MarkedText }) {
  return pieces.map(({ text, found }, at) =>
    found ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
      <mark key={at} className={classes.mark}>
        {text}
      </mark>
    ) : (
      text
    ),
  );
}

export const plainOf = (pieces: MarkedText): string => pieces.map(({ text }) => text).join('');
