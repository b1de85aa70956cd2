/** Owns the scrolling of the thread: follows what is written unless the reader has scrolled up. */

const NEAR_PX = 60;

/** Keeps the end of an area in sight. */
export class EndKeeper {
  #isFollowing = true;
  #top = 0;

  constructor(
    private readonly area: HTMLElement,
    private readonly onChange: (isFollowing: boolean) => void,
  ) {
    area.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    // A note below makes the area smaller.
    new ResizeObserver(() => this.grown()).observe(area);
    // The wheel tells the reader's wish before the position does.
    area.addEventListener("wheel", (event) => this.#onWheel(event), { passive: true });
  }

  /** The content has grown. */
  grown(): void {
    if (this.#isFollowing) this.area.scrollTop = this.area.scrollHeight;
  }

  /** Go to the end and follow again. */
  toEnd(isSmooth: boolean): void {
    this.#follow(true);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = isSmooth && !isCalm ? "smooth" : "auto";
    this.area.scrollTo({ top: this.area.scrollHeight, behavior });
  }

  #onScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.area;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Only a move upwards is the reader's: downwards it may be our own, still on its way.
    if (isNear) this.#follow(true);
    else if (scrollTop < this.#top) this.#follow(false);
    this.#top = scrollTop;
  }

  #onWheel(event: WheelEvent): void {
    const canScroll = this.area.scrollHeight > this.area.clientHeight;
    if (event.deltaY < 0 && canScroll) this.#follow(false);
  }

  #follow(isFollowing: boolean): void {
    if (this.#isFollowing === isFollowing) return;
    this.#isFollowing = isFollowing;
    this.onChange(isFollowing);
  }
}
