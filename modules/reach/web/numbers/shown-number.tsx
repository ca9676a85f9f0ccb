import type { NumberTextProps } from '@liaison/core/web';
import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react';

const AsItIs = ({ number }: NumberTextProps) => number;

// The plans of all countries come with the first number that is shown.
const NumberInFull = lazy<ComponentType<NumberTextProps>>(() =>
  import('./number-in-full.tsx').then(
    (file) => ({ default: file.NumberInFull }),
    () => ({ default: AsItIs }),
  ),
);

/** A number as people of its country write it for those abroad; in one piece until that is known. */
export const ShownNumber = (props: NumberTextProps) => (
  <Suspense fallback={props.number}>
    <NumberInFull {...props} />
  </Suspense>
);

/** The same for a sentence that is no text of its own, such as a heading. */
export function useShownNumber(number: string): string {
  const [shown, setShown] = useState({ of: number, text: number });
  useEffect(() => {
    let isWanted = true;
    import('./number-in-full.tsx').then(
      ({ inFull }) => isWanted && setShown({ of: number, text: inFull(number) }),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [number]);
  return shown.of === number ? shown.text : number;
}
