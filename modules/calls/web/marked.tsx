import classes from './dial-field.module.css';

/** A text with the first place marked that fits what was typed; accents aside. */
export function Marked({ text, find }: { text: string; find: string }) {
  const plain = (value: string): string => value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const letters = [...text.normalize('NFC')];
  const folded = letters.map(plain);
  const wanted = plain(find);
  const whole = folded.join('');
  // A letter that folds to two (ß, ligatures) would shift what is marked.
  const at = folded.every((letter) => letter.length === 1) && wanted ? placeOf(whole, wanted) : -1;
  if (at < 0) return text;
  return (
    <>
      {letters.slice(0, at).join('')}
      <mark className={classes.mark}>{letters.slice(at, at + wanted.length).join('')}</mark>
      {letters.slice(at + wanted.length).join('')}
    </>
  );
}

/** At the start of a word, as the search finds; for digits anywhere. */
function placeOf(text: string, wanted: string): number {
  if (/^\d+$/.test(wanted)) return text.indexOf(wanted);
  if (text.startsWith(wanted)) return 0;
  const at = text.search(new RegExp(`[\\s'’-]${wanted.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}`));
  return at < 0 ? -1 : at + 1;
}
