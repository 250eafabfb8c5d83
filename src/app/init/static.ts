/** A folder of plain files with an index.html: a site that needs no build. */
import { baseName, type View } from './listing.ts';
import { emptyPart, guess, sure, type Part } from './part.ts';

export function staticPart(view: View): Part | undefined {
  const index = view.first('index.html', 'public/index.html', 'site/index.html', 'www/index.html', '_site/index.html');
  if (index === undefined) return undefined;
  const dir = index === 'index.html' ? '.' : index.slice(0, index.lastIndexOf('/'));
  const found = dir === '.' && view.folder === '.' ? guess : sure;
  return {
    ...emptyPart(view.folder, 'site'),
    ...(view.folder === '.' ? {} : { name: baseName(view.folder) }),
    site: found(
      { dir },
      dir === '.' && view.folder === '.'
        ? 'index.html is here, and so every file of this folder becomes public'
        : `${index} is there, and nothing builds it`,
    ),
  };
}
