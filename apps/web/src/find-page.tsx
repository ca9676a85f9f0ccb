import { Panes } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import FindPalette from './find-palette.tsx';

/** The palette under an address of its own: telephones reach it through their tabs. */
export function FindPage() {
  const router = useRouter();
  const close = (): void => {
    // What was chosen goes elsewhere by itself; closing without choosing goes back.
    if (router.state.location.pathname === '/find') router.history.back();
  };
  return (
    <Panes>
      <FindPalette onClose={close} />
    </Panes>
  );
}
