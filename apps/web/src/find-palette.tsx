import { foldText } from '@liaison/people';
import { Palette, type PaletteGroup } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import { type RefObject, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modules } from './modules.ts';
import { usePlaces } from './places.tsx';

/** All sources, fixed while the page lives, so that their hooks keep their order. */
const sources = modules.flatMap((module) => module.palette ?? []).sort((a, b) => a.order - b.order);
const beforePlaces = sources.filter(({ order }) => order < 100).length;

/** Ctrl+K: what the modules find for what is typed, and the places of Liaison. `begun`: what was typed while this was fetched. */
export default function FindPalette({ onClose, begun }: { onClose: () => void; begun?: RefObject<string> }) {
  const { t } = useTranslation('shell');
  const [typed, setTyped] = useState(() => begun?.current ?? '');
  const wanted = typed.trim().slice(0, 100);
  const query = useDeferredValue(wanted);
  // biome-ignore lint/correctness/useHookAtTopLevel: the list of sources is fixed while the page lives
  const found = sources.map((source) => source.useResults(query));
  const here = usePlacesFound(query);
  const groups = [...found.slice(0, beforePlaces), here, ...found.slice(beforePlaces)].filter(
    (group) => group !== null,
  );
  return (
    <Palette
      opened
      onClose={onClose}
      query={typed}
      onQuery={setTyped}
      groups={groups}
      busy={query !== wanted || found.some((group) => group?.busy)}
      hint={t('find.hint')}
      foot={t('find.foot')}
      empty={query === '' ? t('find.start') : t('find.nothing')}
    />
  );
}

function usePlacesFound(query: string): PaletteGroup {
  const { t } = useTranslation('shell');
  const router = useRouter();
  const rows = usePlaces()
    .filter((place) => foldText(place.label).includes(foldText(query)))
    .map((place) => ({
      id: `place:${place.id}`,
      face: place.icon,
      title: place.label,
      verbs: [{ id: 'open', label: t('find.goVerb'), onSelect: () => router.history.push(place.href) }],
    }));
  return { id: 'places', title: t('find.go'), rows };
}
