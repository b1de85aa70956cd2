/** Makes the console quicker to work with; every page works without it. */
const EVERY_MS = 2000;

const timeline = document.querySelector(".timeline[data-latest]");

/** Keeps an open conversation up to date: whoever helps a visitor sees the visitor's answer. */
async function refresh() {
  if (document.hidden) return;
  const told = await fetch(timeline.dataset.latest, { headers: { Accept: "application/json" } });
  if (!told.ok || told.redirected) return;
  const latest = String((await told.json()).last_seq);
  if (latest === timeline.dataset.seq) return;
  const reply = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const items = page.querySelectorAll(".timeline > [id], [data-live]");
  if (!items.length) return;
  timeline.querySelector(":scope > .empty")?.remove();
  const skipped = [...items].map(show).includes(false);
  if (!skipped) timeline.dataset.seq = latest;
}

/** False if somebody is writing in it: it is shown next time. */
function show(item) {
  const shown = document.getElementById(item.id);
  if (!shown) return void timeline.append(item);
  if (shown.dataset.version === item.dataset.version) return true;
  if (shown.contains(document.activeElement) && document.activeElement.matches("input, textarea")) return false;
  const wasOpen = shown.querySelector(".trace")?.open;
  const trace = item.querySelector(".trace");
  if (trace) trace.open = Boolean(wasOpen);
  shown.replaceWith(item);
  return true;
}

// A failed try is made up for by the next one.
if (timeline) setInterval(() => refresh().catch(() => {}), EVERY_MS);

document.addEventListener("keydown", (event) => {
  const isWriting = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-send]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  } else if (event.key === "/" && !isWriting && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }
});

// Choosing a filter applies it; without this its button does.
document.querySelector(".filters")?.addEventListener("change", (event) => {
  if (event.target.matches("select")) event.currentTarget.requestSubmit();
});

// Empty fields make long addresses.
document.querySelector(".filters")?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData.entries()]) if (value === "") event.formData.delete(name);
});
