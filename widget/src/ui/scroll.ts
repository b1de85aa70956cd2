/**
 * Owns the scrolling of the thread: follows what is written, but never past the beginning of the
 * answer that is being written, and not at all once the reader has scrolled up.
 */

const NEAR_PX = 60;
const ABOVE_PX = 14;

/** Keeps the end of an area in sight. */
export class EndKeeper {
  #isFollowing = true;
  #isEndSeen = true;
  #top = 0;
  #held: HTMLElement | null = null;

  constructor(
    private readonly area: HTMLElement,
    private readonly onEnd: (isSeen: boolean) => void,
  ) {
    area.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    // A note below makes the area smaller.
    new ResizeObserver(() => this.grown()).observe(area);
    // The wheel tells the reader's wish before the position does.
    area.addEventListener("wheel", (event) => this.#onWheel(event), { passive: true });
  }

  /** Whoever reads a long answer wants its beginning first: keep that in sight; null: the end. */
  hold(element: HTMLElement | null): void {
    this.#held = element;
  }

  /** The content has grown. */
  grown(): void {
    const goal = this.#goal();
    if (this.#isFollowing && goal > this.area.scrollTop) this.area.scrollTop = goal;
    this.#tell();
  }

  /** Go to the end and follow again. */
  toEnd(isSmooth: boolean): void {
    this.#isFollowing = true;
    this.#held = null;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = isSmooth && !isCalm ? "smooth" : "auto";
    this.area.scrollTo({ top: this.area.scrollHeight, behavior });
    this.#tell();
  }

  #goal(): number {
    const end = this.area.scrollHeight - this.area.clientHeight;
    if (!this.#held) return end;
    return Math.min(end, Math.max(0, this.#held.offsetTop - ABOVE_PX));
  }

  #onScroll(): void {
    const { scrollTop } = this.area;
    // Only a move upwards is the reader's: downwards it may be our own, still on its way.
    if (this.#isNear()) this.#isFollowing = true;
    else if (scrollTop < this.#top) this.#isFollowing = false;
    this.#top = scrollTop;
    this.#tell();
  }

  #onWheel(event: WheelEvent): void {
    const canScroll = this.area.scrollHeight > this.area.clientHeight;
    if (event.deltaY < 0 && canScroll) this.#isFollowing = false;
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.area;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #tell(): void {
    const isSeen = this.#isNear();
    if (this.#isEndSeen === isSeen) return;
    this.#isEndSeen = isSeen;
    this.onEnd(isSeen);
  }
}
