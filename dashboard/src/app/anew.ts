/** Parts of the page that are fetched when they are needed, and what to do when they do not arrive. */

const reloadedKey = 'gantry.reloaded';
const patienceMs = 10_000;

/** What did not arrive (Gantry was built anew, the network changed) is fetched with the whole page, once: the address says what was shown. */
export function orAnew<T>(load: () => Promise<T>): () => Promise<T> {
  return () =>
    load().catch((error: unknown) => {
      if (Date.now() - Number(sessionStorage.getItem(reloadedKey)) < patienceMs) throw error;
      sessionStorage.setItem(reloadedKey, String(Date.now()));
      location.reload();
      return new Promise<T>(() => {});
    });
}
