/** Keeps an open conversation up to date: whoever helps a visitor sees the visitor's answer. */
const EVERY_MS = 4000;

const timeline = document.querySelector(".timeline");

async function refresh() {
  if (document.hidden) return;
  const reply = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const items = page.querySelectorAll(".timeline > [id]");
  if (items.length) timeline.querySelector(":scope > .empty")?.remove();
  for (const item of items) show(item);
}

function show(item) {
  const shown = document.getElementById(item.id);
  if (!shown) return timeline.append(item);
  if (shown.dataset.version === item.dataset.version) return;
  const wasOpen = shown.querySelector(".trace")?.open;
  const trace = item.querySelector(".trace");
  if (trace) trace.open = Boolean(wasOpen);
  shown.replaceWith(item);
}

// A failed try is made up for by the next one.
if (timeline) setInterval(() => refresh().catch(() => {}), EVERY_MS);
