import { useSession } from '@liaison/core/web';
import { Face } from '@liaison/ui';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { emojiAt, matchingEmoji, shortcodeAt } from '../emoji/emoji-text.ts';
import { knownView, type usePeople } from '../state/people.ts';
import type { Source } from './completion.tsx';
import { matching, mentionAt } from './mention-text.ts';

/**
 * What a message's words are completed with: `@` with the people of the conversation, `:` with emoji.
 *
 * @param onMentioned the same function while the field is the same.
 */
export function useSources(
  people: ReturnType<typeof usePeople>,
  onMentioned: (name: string, id: string) => void,
): readonly Source[] {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  return useMemo(() => {
    const others = [...people.values()]
      .filter((person) => person.id !== personId)
      .sort((a, b) => a.name.localeCompare(b.name));
    const mentions: Source = {
      label: t('composer.mention'),
      at: mentionAt,
      options: (query) =>
        matching(others, query).map((person) => ({
          key: person.id,
          written: `@${person.name}`,
          onChosen: () => onMentioned(person.name, person.id),
          drawn: (
            <>
              <Face name={person.name} {...knownView(person)} id={person.id} size={28} />
              <b>{person.name}</b>
              {person.title ? <span>{person.title}</span> : null}
            </>
          ),
        })),
    };
    const emoji: Source = {
      label: t('composer.emoji'),
      at: shortcodeAt,
      options: (query) =>
        matchingEmoji(query).map((each) => ({
          key: each.code,
          written: each.emoji,
          drawn: (
            <>
              <span aria-hidden="true">{each.emoji}</span>
              <b>{`:${each.code}:`}</b>
            </>
          ),
        })),
    };
    return [mentions, emoji];
  }, [people, personId, t, onMentioned]);
}

/** Puts the emoji for the shortcode whose last colon was just typed; the text before the caret, or null for none. */
export function closedShortcode(text: string, caret: number): string | null {
  if (text[caret - 1] !== ':') return null;
  const place = shortcodeAt(text, caret);
  const found = place && emojiAt(text, place.start);
  return found && place.start + found.length === caret ? text.slice(0, place.start) + found.emoji : null;
}
