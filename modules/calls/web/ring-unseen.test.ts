import { expect, it } from 'vitest';
import { ringUnlessQuiet } from './ring-unseen.ts';

/** A page that is seen or not, and what happened on it. */
function open(visibilityState: DocumentVisibilityState, may: boolean) {
  const heard: string[] = [];
  const page = Object.assign(new EventTarget(), { visibilityState });
  const end = ringUnlessQuiet(
    () => {
      heard.push('rings');
      return () => heard.push('stops');
    },
    () => {
      heard.push('asks');
      return Promise.resolve(may);
    },
    page as unknown as Document,
  );
  const look = (state: DocumentVisibilityState): void => {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { heard, end, look, answered: () => new Promise((done) => setImmediate(done)) };
}

it('rings at once where it is seen, and asks nobody', async () => {
  const { heard, end, look, answered } = open('visible', false);
  await answered();
  look('hidden');
  look('visible');
  end();
  expect(heard).toEqual(['rings', 'stops']);
});

it('rings on a hidden page where closed ones would be rung', async () => {
  const { heard, end, look, answered } = open('hidden', true);
  expect(heard).toEqual(['asks']);
  await answered();
  look('visible');
  end();
  expect(heard).toEqual(['asks', 'rings', 'stops']);
});

it('rings on a hidden page in quiet hours only when somebody looks', async () => {
  const { heard, end, look, answered } = open('hidden', false);
  await answered();
  expect(heard).toEqual(['asks']);
  look('visible');
  look('hidden');
  look('visible');
  expect(heard).toEqual(['asks', 'rings']);
  end();
  expect(heard).toEqual(['asks', 'rings', 'stops']);
});

it('rings no more once it is over, whatever is answered or seen', async () => {
  const { heard, end, look, answered } = open('hidden', true);
  end();
  await answered();
  look('visible');
  expect(heard).toEqual(['asks']);
});
