/** How much of a file is read before it is refused. */

/** Nesting of mappings and lists. */
export const maxDepth = 32;
/** Uses of an anchor. */
export const maxAliases = 100;
/** Values after every alias was replaced by what it stands for. */
export const maxValues = 500_000;
/** Problems shown at once. */
export const maxProblems = 50;
/** Words, signs and line ends; 2,000 services have 370,000. */
export const maxPieces = 500_000;
/** Anchors, tags, directives and document borders; a person needs a handful. */
export const maxMarks = 1000;
/** Characters of a message, its fix, or a path. */
export const maxShown = 400;
/** Characters of a variable; a system hands about this much to a process. */
export const maxVariable = 100_000;
