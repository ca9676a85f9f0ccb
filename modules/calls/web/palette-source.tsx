import { type PaletteSource, useApi } from '@liaison/core/web';
import { searchPeople } from '@liaison/people';
import { Face, type PaletteGroup } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTelephone } from './calls-provider.tsx';
import { dialledText } from './dialled.ts';

/** "call njeri" in the reader's language, and every number or address that is typed. */
function useCallResults(query: string): (PaletteGroup & { busy?: boolean }) | null {
  const { t } = useTranslation('calls');
  const { controller } = useTelephone();
  const verb = t('palette.verb').toLocaleLowerCase();
  const lower = query.toLocaleLowerCase();
  const name = lower.startsWith(`${verb} `) ? query.slice(verb.length + 1).trim() : '';
  const number = dialledText(name || query);
  const { data, isFetching } = useApi(
    searchPeople,
    name && !number ? { query: { text: name, limit: 6 } } : null,
    { keepLast: true },
  );
  const people = name && !number ? (data?.people ?? []) : [];
  const callVerb = (to: string, called: string) => ({
    id: 'call',
    label: t('palette.call'),
    onSelect: () => void controller.call(to, called),
  });
  const rows = [
    ...people.map((person) => ({
      id: `calls:${person.id}`,
      face: <Face name={person.name} id={person.id} />,
      title: t('palette.callName', { name: person.name }),
      ...(person.title ? { second: person.title } : {}),
      verbs: [callVerb(person.id, person.name)],
    })),
    ...(number
      ? [
          {
            id: `calls:${number}`,
            face: <IconPhone size={18} />,
            title: t('palette.callName', { name: number }),
            verbs: [callVerb(number, number)],
          },
        ]
      : []),
  ];
  if (rows.length === 0 && !(name && isFetching)) return null;
  return { id: 'calls', title: t('palette.title'), rows, ...(name && isFetching ? { busy: true } : {}) };
}

export const callPalette: PaletteSource = { name: 'calls', order: 5, useResults: useCallResults };
