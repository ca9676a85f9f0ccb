import { usePersonView } from '@liaison/core/web';
import { Face, PersonFace } from '@liaison/ui';
import type { News } from '../../contract/index.ts';
import { iconOf } from './kinds.ts';

/** Who did it, or what it is of. */
export function NewsFace({ news }: { news: News }) {
  return news.personId === null ? (
    <ThingFace news={news} />
  ) : (
    <SomebodysFace id={news.personId} news={news} />
  );
}

function SomebodysFace({ id, news }: { id: string; news: News }) {
  const person = usePersonView(id);
  return person ? <PersonFace person={person} /> : <ThingFace news={news} />;
}

function ThingFace({ news }: { news: News }) {
  const Icon = iconOf(news.kind);
  return <Face name={news.title} id={news.groupId} square icon={<Icon size={18} />} />;
}
