import type { LinkProps } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';

/** A link of the design system inside the app: the page changes without a load, other tabs and downloads as ever. */
export function RouterLink({ href, onClick, ...props }: LinkProps) {
  const router = useRouter();
  const inside = href.startsWith('/') && !href.startsWith('//') && !href.startsWith('/api/');
  if (!inside) return <a href={href} onClick={onClick} {...props} />;
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const elsewhere = props.target && props.target !== '_self';
    const special = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || elsewhere || special || props.download !== undefined) return;
    event.preventDefault();
    router.history.push(href);
  };
  // The page's code is on its way before the press ends.
  const preload = (): void => {
    void router.preloadRoute({ to: href.split(/[?#]/, 1)[0] ?? href }).catch(() => {});
  };
  return <a href={href} onClick={follow} onPointerEnter={preload} onFocus={preload} {...props} />;
}
