import { useFormat, usePersonView } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import type { News } from '../../contract/index.ts';

/** No person has it: nobody is asked for. */
const nobody = '';

/** What a row says of news: what it is about, and what happened. Kinds without words of their own show title and text. */
export function useNewsWords(news: News): { title: string; second: string } {
  const { t, i18n } = useTranslation('notify');
  const format = useFormat();
  const person = usePersonView(news.personId ?? nobody);
  const name = person?.name ?? t('somebody');
  if (news.gathers !== null)
    return { title: t('digest.title'), second: t('digest.gathers', { count: news.gathers }) };
  // What has no name of its own, a call or what was written to me alone, is known by who it comes from.
  const title = news.title || person?.name || t(`kind.${news.kind}`, { defaultValue: t('title') });
  const key = `notify:said.${news.kind}`;
  if (!i18n.exists(key)) return { title, second: news.text };
  const time = news.startsAt === null ? '' : format.dateTime(news.startsAt);
  const bare = news.text === '' && i18n.exists(`${key}_bare`) ? { context: 'bare' } : {};
  return { title, second: t(key, { name, text: news.text, time, ...bare }).trim() };
}
