import { type LiveTextProps, PlainText, useMaybeSession } from '@liaison/core/web';
import { type ComponentType, lazy, Suspense } from 'react';
import { mayHoldNumber } from '../../contract/scan-digits.ts';

// The plans of all countries come with the first text that may hold a number. Without them, as when the connection is lost, a text
// is what it was.
const NumberedText = lazy<ComponentType<LiveTextProps>>(() =>
  import('./numbered-text.tsx').then(
    (file) => ({ default: file.NumberedText }),
    () => ({ default: PlainText }),
  ),
);

/** A text in which numbers are chips. */
export function LiveNumbers(props: LiveTextProps) {
  // Whoever came by a link sees words only: nobody's number is anybody's for her.
  const session = useMaybeSession();
  if (!session || !mayHoldNumber(props.link ?? props.text)) return <PlainText {...props} />;
  return (
    <Suspense fallback={<PlainText {...props} />}>
      <NumberedText {...props} />
    </Suspense>
  );
}
