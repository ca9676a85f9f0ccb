import { useTranslation } from 'react-i18next';
import classes from './keypad.module.css';

/** The letters of a telephone's keys (ITU-T E.161). */
const keys: readonly (readonly [key: string, letters: string])[] = [
  ['1', ''],
  ['2', 'abc'],
  ['3', 'def'],
  ['4', 'ghi'],
  ['5', 'jkl'],
  ['6', 'mno'],
  ['7', 'pqrs'],
  ['8', 'tuv'],
  ['9', 'wxyz'],
  ['*', ''],
  ['0', '+'],
  ['#', ''],
];

/** Twelve keys: to dial, and to answer a machine that asks for digits. */
export function Keypad({ onKey, tone = 'page' }: { onKey: (key: string) => void; tone?: 'page' | 'ink' }) {
  const { t } = useTranslation('calls');
  const names: Record<string, string> = { '*': t('keypad.star'), '#': t('keypad.hash') };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
    <div className={classes.keypad} data-tone={tone} role="group" aria-label={t('keypad.title')}>
      {keys.map(([key, letters]) => (
        <button key={key} type="button" aria-label={names[key]} onClick={() => onKey(key)}>
          <b>{key}</b>
          <span aria-hidden="true">{letters}</span>
        </button>
      ))}
    </div>
  );
}
