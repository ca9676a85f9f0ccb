import type { NumberTextProps } from '@liaison/core/web';
import { type ComponentType, lazy, Suspense } from 'react';

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
