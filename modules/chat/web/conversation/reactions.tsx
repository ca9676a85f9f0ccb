import type { Reaction } from '@liaison/ui';
import {
  IconCheck,
  IconConfetti,
  IconEye,
  IconHeart,
  IconHelp,
  IconMoodSmile,
  IconThumbUp,
} from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import type { Message } from '../../contract/index.ts';

/** The answers that work gives most. They are kept as emoji, which every other program knows, and drawn as words. */
export const quickReactions = [
  { emoji: '👍', word: 'good', icon: <IconThumbUp size={16} /> },
  { emoji: '✅', word: 'agreed', icon: <IconCheck size={16} /> },
  { emoji: '👀', word: 'looking', icon: <IconEye size={16} /> },
  { emoji: '❤️', word: 'thanks', icon: <IconHeart size={16} /> },
  { emoji: '🎉', word: 'done', icon: <IconConfetti size={16} /> },
  { emoji: '😄', word: 'smile', icon: <IconMoodSmile size={16} /> },
  { emoji: '❓', word: 'question', icon: <IconHelp size={16} /> },
] as const satisfies readonly { emoji: string; word: string; icon: ReactNode }[];

/** For the picker: nothing is fetched, and screen readers know their names. */
export const moreEmoji: readonly string[] = [
  ...'😀😂🙂😉😊😍😎🤔😮😢😭😡🥳😴🤝👏🙏💪👋👌✌🤞👎🔥⭐💡📌📎📞📅⏰☕🍽🎂🎁🏆🚀⚠❌❗💯🔒🔑🧭🌊🌍☀🌧⛵🐟',
].filter((each) => /\p{Emoji}/u.test(each));

/** A message's reactions as the design system draws them. */
export function drawnReactions(message: Message, me: string, t: TFunction<'chat'>): Reaction[] {
  return message.reactions.map(({ emoji, personIds }) => {
    const quick = quickReactions.find((each) => each.emoji === emoji);
    return {
      id: emoji,
      label: quick ? t(`reaction.${quick.word}`) : emoji,
      ...(quick ? { icon: quick.icon } : {}),
      count: personIds.length,
      mine: personIds.includes(me),
    };
  });
}
