/** Owns the scrolling of the thread: follows what is written unless the reader has scrolled up. */

const NEAR_PX = 60;

/** Keeps the end of an area in sight. */
export class EndKeeper {
  #isFollowing = true;

  constructor(
    private readonly area: HTMLElement,
    private readonly onChange: (isFollowing: boolean) => void,
  ) {
    area.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    // The wheel tells the reader's wish before the position does.
    area.addEventListener("wheel", (event) => this.#onWheel(event), { passive: true });
  }

  /** The content has grown. */
  grown(): void {
    if (this.#isFollowing) this.area.scrollTop = this.area.scrollHeight;
    else this.onChange(false);
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
    this.#follow(scrollHeight - scrollTop - clientHeight < NEAR_PX);
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
