import { expect, it } from 'vitest';
import { plainText } from './content.ts';

it.each([
  ['**Tide** tables for _May_', 'Tide tables for May'],
  ['@[Inés Duarte](person:01890000-0000-7000-8000-000000000001) please', '@Inés Duarte please'],
  ['see [the plan](https://estuaria.example/plan?x=1)', 'see the plan https://estuaria.example/plan?x=1'],
  ['# Title\n> said before\n- one', 'Title\nsaid before\n- one'],
  ['call +33 4 91 22 33 44, snake_case and 3 * 4 stay', 'call +33 4 91 22 33 44, snake_case and 3 * 4 stay'],
  ['`npm start` ~~not~~', 'npm start not'],
])('reads %j as %j', (body, text) => {
  expect(plainText(body)).toBe(text);
});

it('takes no longer for what was made to take long', () => {
  const started = performance.now();
  for (const piece of ['[', '@[', '](', '*a', '_', '> ', '`']) plainText(piece.repeat(20_000 / piece.length));
  expect(performance.now() - started).toBeLessThan(2000);
});
