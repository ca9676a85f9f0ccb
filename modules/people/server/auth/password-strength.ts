import { Problem } from '@liaison/core/contract';
import { foldText, wordsOf } from '../../contract/fold-text.ts';

/** The stems that most guessed passwords of ten characters and more are built on, in the suite's languages. */
const stems = [
  'password passwort passw0rd motdepasse contrasena contrasenya senha palavrapasse clave secret secreto',
  'azerty qwerty qwertz asdfgh yxcvbn zxcvbn 1q2w3e 1qaz2wsx qazwsx abcdef abcd1234 123qwe a1b2c3',
  'welcome bienvenue bienvenido bemvindo letmein changeme admin administrator administrador root user test demo',
  'iloveyou jetaime tequiero teamo princess princesa chouchou doudou soleil football futbol futebol liverpool',
  'barcelona realmadrid benfica dragon monkey master superman batman pokemon starwars sunshine liaison',
]
  .join(' ')
  .split(' ');

/**
 * Refuses what is guessed first: few different characters, runs, common passwords with their usual decorations, and
 * the person's own name or address. `about` are texts that others know of her.
 *
 * @throws Problem 400 `weak-password`.
 */
export function requireStrongPassword(password: string, about: readonly string[]): void {
  const weak = (why: string) =>
    new Problem(400, 'weak-password', 'This password is easy to guess.', { detail: why });
  if ([...password].length < 10) throw weak('it has fewer than ten characters');
  const plain = foldText(password);
  if (new Set(plain).size < 5) throw weak('it has few different characters');
  if (isRun(plain)) throw weak('it follows the keyboard or the alphabet');
  // Digits and signs around a word, and digits for letters, are what guessing programs try next.
  const bare = plain
    .replaceAll('0', 'o')
    .replaceAll('1', 'i')
    .replaceAll('3', 'e')
    .replaceAll('4', 'a')
    .replaceAll('5', 's')
    .replaceAll('@', 'a')
    .replaceAll('$', 's');
  const known = [...stems, ...about.flatMap(wordsOf)]
    .filter((word) => word.length >= 4)
    .sort((a, b) => b.length - a.length);
  for (const form of [plain, bare]) {
    const rest = known.reduce((text, word) => text.replaceAll(word, ''), form);
    if (rest.length <= 4) throw weak('it is made of known words with little around them');
  }
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'azertyuiop',
  'qwertzuiop',
];

function isRun(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i++) {
    const pair = text.slice(i - 1, i + 1);
    const back = pair[1]! + pair[0]!;
    if (rows.some((row) => row.includes(pair) || row.includes(back))) steps += 1;
  }
  return steps >= text.length - 2;
}
