/** Before each further try to fetch a style sheet, in milliseconds. */
const waitsMs = [250, 500, 1000, 2000, 4000, 8000];

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
    fetchStyles(path, 0);
  });
}

function fetchStyles(path: string, tries: number): void {
  const waitMs = waitsMs[tries];
  if (waitMs === undefined) return;
  setTimeout(() => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = path;
    link.addEventListener('error', () => {
      link.remove();
      fetchStyles(path, tries + 1);
    });
    document.head.append(link);
  }, waitMs);
}
