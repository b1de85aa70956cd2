/**
 * Owns giving the stream of a page that can't be seen back after a while. A browser opens only six
 * connections to a server, and each stream of a background tab would hold one of them.
 */

/** What parking needs to know and do. */
export interface ParkingParts {
  /** Whether the page can't be seen now. */
  isHidden(): boolean;
  /** Whether something is on its way that should arrive first. */
  isBusy(): boolean;
  /** Give the stream back. */
  park(): void;
}

const PARK_AFTER_MS = 10_000;

/** The wait before the stream of a hidden page is given back. */
export class Parking {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: ParkingParts) {}

  /** The page can't be seen any more. */
  begin(): void {
    this.end();
    this.#timer = setTimeout(() => {
      if (this.parts.isBusy()) this.begin();
      else if (this.parts.isHidden()) this.parts.park();
    }, PARK_AFTER_MS);
  }

  /** The page can be seen again, or is left. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
