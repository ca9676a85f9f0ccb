import { tryPatiently } from '@liaison/core/web';

/**
 * The style sheet of a page's part that was lost on its way, as when the network changes, is fetched again while the part is shown:
 * Vite would give up the part for it, and nothing would ask again. What is lost of the code itself is left to the router.
 */
export function fetchLostStylesAgain(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const { message } = (event as Event & { readonly payload: Error }).payload;
    const [, path] = /^Unable to preload CSS for (\S+)$/.exec(message) ?? [];
    if (path === undefined) return;
    event.preventDefault();
    tryPatiently(() => fetchStyles(path)).catch((error: unknown) => console.error(error));
  });
}

function fetchStyles(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = path;
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error(`the styles ${path} could not be fetched`));
    });
    document.head.append(link);
  });
}
