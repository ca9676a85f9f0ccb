import { myState, type Session, useSlot } from '@liaison/core/web';
import { MeButton, type Reachability } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import classes from './me.module.css';

// What floats needs half as much code as all of the shell: it comes when it is first opened.
const MyMenu = lazy(() => import('./my-menu.tsx'));

/** Me as the design system draws persons. */
export const meOf = (session: Session) => ({
  id: session.personId,
  name: session.name,
  ...(session.photo === null ? {} : { photo: session.photo }),
});

/** My face in the top bar, and what opens under it. */
export function Me({ session, onKeys }: { session: Session; onKeys: () => void }) {
  const [opened, setOpened] = useState(false);
  const face = useRef<HTMLButtonElement>(null);
  const [MyState] = useSlot(myState);
  const router = useRouter();
  useEffect(() => router.subscribe('onBeforeNavigate', () => setOpened(false)), [router]);
  const button = (reach: Reachability | undefined): ReactNode => (
    <div className={classes.me}>
      <MeButton
        person={{ ...meOf(session), ...(reach ? { reach } : {}) }}
        ref={face}
        aria-haspopup="dialog"
        aria-expanded={opened}
        // The menu closes by itself on a press elsewhere; this button is not elsewhere.
        onMouseDown={(event) => event.stopPropagation()}
        onClick={() => setOpened(!opened)}
      />
      {opened ? (
        <Suspense fallback={null}>
          <MyMenu
            onClose={() => {
              setOpened(false);
              face.current?.focus({ preventScroll: true });
            }}
            onKeys={() => {
              setOpened(false);
              onKeys();
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
  return MyState ? <MyState>{button}</MyState> : button(undefined);
}
