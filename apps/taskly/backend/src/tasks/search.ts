/** Text as it is compared: the same on every server, whatever the database's locale knows of letters. */
export const fold = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** The words that must all occur. */
export const words = (q: string): string[] => [...new Set(fold(q).split(/\s+/).filter(Boolean))];

/** What a task is found by. Title and notes are kept apart, so that no word is found across their border. */
export const searchText = (title: string, notes: string): string => `${fold(title)}\n${fold(notes)}`;
