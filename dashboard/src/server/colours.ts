/** Colours that stay with a name for as long as the page lives. What a colour says is always said in words too. */

const colours = 8;

type ColourOf = (name: string | null) => string;

/** Of the ids of releases. */
export const releaseColour = newColours();
/** Of the names of replicas, jobs and resources that write lines. */
export const sourceColour = newColours();
/** Of the names of services. */
export const serviceColour = newColours();

/** A CSS colour of its own for each name: by the name, or the next free one when another name has that already, until all are taken. */
function newColours(): ColourOf {
  const taken = new Map<string, number>();
  return (name) => {
    if (name === null) return 'var(--text-faint)';
    const index = taken.get(name) ?? free(new Set(taken.values()), hashOf(name) % colours);
    taken.set(name, index);
    return `var(--release-${index + 1})`;
  };
}

function free(used: ReadonlySet<number>, wanted: number): number {
  const found = Array.from({ length: colours }, (_none, step) => (wanted + step) % colours).find((index) => !used.has(index));
  return found ?? wanted;
}

function hashOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}
