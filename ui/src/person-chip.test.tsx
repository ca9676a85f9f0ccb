import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { englishLabels, type Labels, LabelsProvider } from './labels.tsx';
import { PersonChip } from './person-chip.tsx';
import { type PersonView, type Reach, reaches } from './reach.ts';
import { UiProvider } from './ui-provider.tsx';

const njeri: PersonView = {
  id: 'njeri',
  name: 'Njeri Wambuto',
  role: 'Head of hydrology',
  office: 'Nairobi',
};

function html(person: PersonView, size: 'small' | 'medium' | 'large', labels?: Partial<Labels>): string {
  return renderToStaticMarkup(
    <UiProvider>
      <LabelsProvider labels={labels}>
        <PersonChip person={person} size={size} />
      </LabelsProvider>
    </UiProvider>,
  );
}

function nameOf(markup: string): string | undefined {
  return markup.match(/(?:<button|role="group")[^>]*? aria-label="([^"]*)"/)?.[1];
}

const says: Record<Reach, string> = {
  free: 'Njeri Wambuto, free until 14:30',
  call: 'Njeri Wambuto, in a call until 14:30',
  meeting: 'Njeri Wambuto, in a meeting until 14:30',
  ringing: 'Njeri Wambuto, ringing until 14:30',
  dnd: 'Njeri Wambuto, do not disturb until 14:30',
  away: 'Njeri Wambuto, away until 14:30',
  offline: 'Njeri Wambuto, offline until 14:30',
};

describe.each(['small', 'medium', 'large'] as const)('a %s chip', (size) => {
  test.each(reaches)('says its name and that the person is %s', (state) => {
    const markup = html({ ...njeri, reach: { state, until: '14:30' } }, size);
    expect(nameOf(markup)).toBe(says[state]);
    expect(markup).toContain(`data-state="${state}"`);
  });

  test('draws no dot for an unknown state, and says the last known one with its hour', () => {
    const markup = html({ ...njeri, lastKnown: { state: 'free', at: '13:40' } }, size);
    expect(nameOf(markup)).toBe('Njeri Wambuto, free at 13:40, unknown since');
    expect(markup).not.toContain('data-state="free"');
  });

  test('says the name alone when nothing is known', () => {
    expect(nameOf(html(njeri, size))).toBe('Njeri Wambuto');
  });

  test('speaks the language that it is given', () => {
    const labels: Partial<Labels> = {
      reach: { ...englishLabels.reach, free: 'Joignable' },
      reachUntil: (_state, until) => `Joignable jusqu’à ${until}`,
    };
    const markup = html({ ...njeri, reach: { state: 'free', until: '14:30' } }, size, labels);
    expect(nameOf(markup)).toBe('Njeri Wambuto, joignable jusqu’à 14:30');
  });
});

test('a face never speaks: the chip does', () => {
  const markup = html({ ...njeri, reach: { state: 'free' } }, 'medium');
  expect(markup).toMatch(/<span class="[^"]*"[^>]*data-shape="round" aria-hidden="true"/);
});
