import { useLabels } from './labels.tsx';
import { type PersonView, reachText } from './reach.ts';
import { ReachWord } from './reach-word.tsx';

/** What is said below a name: the state with its end, then the hour there. */
export function PersonState({ person }: { person: PersonView }) {
  const labels = useLabels();
  const says = reachText(labels, person);
  return (
    <>
      {says && person.reach ? <ReachWord state={person.reach.state}>{says}</ReachWord> : says}
      {person.localTime ? `${says ? ', ' : ''}${labels.hourThere(person.localTime)}` : null}
    </>
  );
}
