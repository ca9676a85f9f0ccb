import { expect, it } from 'vitest';
import { createSaidKeys } from './said-keys.ts';

const press = (key: string) => ({ key, durationMs: 160 });

it('says keys one after another, each when the one before was taken', async () => {
  const said: string[] = [];
  const taken: (() => void)[] = [];
  const keys = createSaidKeys((type, body) => {
    said.push(`${type} ${body.slice(0, 8)}`);
    return new Promise((resolve) => taken.push(resolve));
  }, true);
  for (const key of '12') keys.say(press(key));
  await expect.poll(() => said).toEqual(['application/dtmf-relay Signal=1']);
  taken.shift()!();
  await expect.poll(() => said.length).toBe(2);
});

it('asks no more of a telephone that refuses, and nothing of one that said it takes none', async () => {
  let asked = 0;
  const refusing = createSaidKeys(async () => {
    asked += 1;
    throw new Error('415');
  }, true);
  refusing.say(press('1'));
  await expect.poll(() => asked).toBe(1);
  refusing.say(press('2'));
  const silent = createSaidKeys(async () => {
    asked += 1;
  }, false);
  silent.say(press('3'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(1);
});

it('bounds what waits', async () => {
  let asked = 0;
  const stuck = createSaidKeys(() => {
    asked += 1;
    return new Promise(() => {});
  }, true);
  for (let i = 0; i < 1000; i++) stuck.say(press('1'));
  await expect.poll(() => asked).toBe(1);
});
