/** What a second Ctrl-C leaves behind, in words; the command that runs says so when it is something else. */
export const leftBehind = { text: 'The app may still run: `gantry status local` shows it, `gantry down` stops it.' };
