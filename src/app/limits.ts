/** How much of a file is read before it is refused. */

/** Nesting of mappings and lists. */
export const maxDepth = 32;
/** Uses of an anchor. */
export const maxAliases = 100;
/** Values after every alias was replaced by what it stands for. */
export const maxValues = 500_000;
/** Problems shown at once. */
export const maxProblems = 50;
