import type { Language } from '@liaison/people';
import type { News } from '../../contract/index.ts';
import en from '../strings/push.en.json' with { type: 'json' };
import es from '../strings/push.es.json' with { type: 'json' };
import fr from '../strings/push.fr.json' with { type: 'json' };
import pt from '../strings/push.pt.json' with { type: 'json' };

const catalogues = { en, es, fr, pt };
type Catalogue = typeof en;

/** Whom a text is for. */
export interface Reader {
  readonly language: Language;
  readonly zone: string;
}

export const wordsFor = (language: Language): Catalogue => catalogues[language];

/** A sentence with its names put in. What is put in is not looked at again: a name may have braces. */
const filled = (sentence: string, names: { who: string; title: string }): string =>
  sentence.replace(/\{\{(who|title)\}\}/g, (_match, name: 'who' | 'title') => names[name]);

/** The sentence of a kind; of one that this program does not word, what it is about. */
const sentences: Readonly<Record<string, (words: Catalogue) => string>> = {
  'chat.mention': (words) => words.chat.mention,
  'chat.direct-message': () => '{{who}}',
  'chat.thread-reply': (words) => words.chat['thread-reply'],
  'chat.message': (words) => words.chat.message,
  'calls.missed': (words) => words.missed,
  'files.shared': (words) => words.shared,
  'people.added-to-team': (words) => words.team,
  'calendar.invited': (words) => words.calendar.invited,
  'calendar.changed': (words) => words.calendar.changed,
  'calendar.cancelled': (words) => words.calendar.cancelled,
  'calendar.answered': (words) => words.calendar.answered,
  'notify.digest': (words) => words.digest,
};

/** Title and body of what is shown outside the page, bounded. */
export function wordsOf(news: News, who: string | null, reader: Reader): { title: string; body: string } {
  const words = wordsFor(reader.language);
  const sentence = sentences[news.kind]?.(words) ?? '{{title}}';
  const title = filled(sentence, { who: who || words.who, title: news.title }) || words.who;
  const when =
    news.startsAt === null
      ? ''
      : new Intl.DateTimeFormat(reader.language, {
          dateStyle: 'medium',
          timeStyle: 'short',
          timeZone: reader.zone,
        }).format(new Date(news.startsAt));
  const body = [when, news.text].filter((part) => part !== '').join(' · ');
  const isFile = body === '' && news.kind.startsWith('chat.');
  return { title: title.slice(0, 200), body: (isFile ? words.chat.file : body).slice(0, 300) };
}

export const ringingWords = (
  who: string,
  reader: Reader,
): { title: string; answer: string; refuse: string } => {
  const words = wordsFor(reader.language);
  const names = { who: who || words.who, title: '' };
  return {
    title: filled(words.ringing, names).slice(0, 200),
    answer: words.answer,
    refuse: words.refuse,
  };
};
