/** Users while two sets serve: the cookie that keeps them with one, and the other set for what the one does not have. */
import { cookieName, givenCookie, navigates, removedCookie, takeCookie } from './assignment.ts';
import { Shelf, type FirstAnswer } from './first-answer.ts';
import type { FrontRequest } from './front.ts';
import type { RequestHead } from './headers.ts';
import { isAsset, isFound } from './other-set.ts';
import { otherSet, type Place, type Placed, type Router } from './routing.ts';

export class TwoSets {
  readonly shelf = new Shelf();
  /** What became of the requests that were asked of the other set. */
  readonly asked = { found: 0, missing: 0 };
  readonly #router: Router;
  #cookie = cookieName(0);

  constructor(router: Router) {
    this.#router = router;
  }

  /** The public port, by which the cookie is named. */
  set port(port: number) {
    this.#cookie = cookieName(port);
  }

  /** Value of the ingress's cookie, which the app does not get. */
  take(head: RequestHead): string | undefined {
    return head.hasOwnCookie ? takeCookie(head.headers, this.#cookie) : undefined;
  }

  /** Value of the Set-Cookie header that goes with an answer. `release`: of the set that gives it, empty without one. */
  cookie(front: FrontRequest, head: RequestHead, place: Place, release: string, status: number): string | undefined {
    if (place.inside !== undefined || place.set !== undefined) return undefined;
    if (!this.#router.isCanary) return place.cookie === undefined ? undefined : removedCookie(this.#cookie);
    if (place.cookie !== undefined && this.#router.assigned(place.cookie) !== undefined) return undefined;
    // Nobody is tied to a set that has just failed.
    const isPage = release !== '' && status < 500 && navigates(front.method, front.headers, head.accept);
    return isPage ? givenCookie(this.#cookie, release) : undefined;
  }

  /** Whether the other set is asked for what this one does not have. */
  mayAskOther(front: FrontRequest, head: RequestHead, place: Place, { set, isApi }: Pick<Placed, 'set' | 'isApi'>): boolean {
    if (!this.#router.isBoth || place.inside !== undefined || place.set !== undefined || place.first !== undefined) return false;
    const other = this.#router.route(otherSet(set), place.path);
    const asked = { method: front.method, path: place.path, headers: front.headers, accept: head.accept };
    return other !== undefined && !head.hasBody && isAsset(asked, isApi || other.isApi);
  }

  /** The other set was asked, and the client has its answer or the first one. */
  settle(first: FirstAnswer, status: number): void {
    first.kept?.discard();
    if (isFound(status)) this.asked.found += 1;
    else if (status === 404) this.asked.missing += 1;
  }
}
