import { useLive } from '../../../server/hooks.ts';
import { Share } from './Share.tsx';

/** Whose requests go where now; nothing while one set stands alone. */
export function Traffic({ environment }: { readonly environment: string }) {
  const status = useLive(environment, 'status');
  const place = status?.place;
  if (place?.next == null) return <div />;
  const side = (release: string | null): { name: string; release: string | null } => ({
    release,
    name: nameOf(release, status?.numbers ?? {}),
  });
  return <Share live={side(place.release)} next={side(place.next.release)} share={place.share} />;
}

function nameOf(release: string | null, numbers: Readonly<Record<string, number>>): string {
  if (release === null) return 'nothing';
  const number = numbers[release] ?? 0;
  return number === 0 ? `release ${release.slice(0, 12)}` : `release ${number}`;
}
