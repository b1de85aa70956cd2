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
  const [before, trace] = [shown, item].map((each) => each.querySelector(".trace"));
  if (before && trace) trace.open = before.open;
  shown.replaceWith(item);
  return true;
}

// A failed try is made up for by the next one.
if (timeline) setInterval(() => refresh().catch(() => {}), EVERY_MS);

const LIST_EVERY_MS = 10_000;
const list = document.querySelector("[data-list]");

/** Keeps an open list up to date, and who reads it where they are. */
async function refreshList() {
  if (document.hidden) return;
  const reply = await fetch(list.dataset.list, { headers: { Accept: "text/html" } });
  if (!reply.ok || reply.redirected) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (String(getSelection())) return; // what somebody has marked to copy stays
  for (const id of ["queues", "found"]) renew(document.getElementById(id), page.getElementById(id));
  const found = document.getElementById("found");
  document.title = found.dataset.title;
  document.getElementById("total").textContent = found.dataset.total;
}

/** Puts a newer version in the place of a part; what has the focus keeps it and its place. */
function renew(shown, newer) {
  if (!newer || shown.outerHTML === newer.outerHTML) return;
  const held = document.activeElement?.closest("a");
  const anchor = shown.contains(held) ? held : [...shown.querySelectorAll("li a")].find(isInView);
  const [address, top] = [anchor?.getAttribute("href"), anchor?.getBoundingClientRect().top];
  const hadFocus = shown.contains(held);
  shown.replaceWith(newer);
  const same = [...newer.querySelectorAll("a")].findLast((each) => each.getAttribute("href") === address);
  if (!same) return;
  if (hadFocus) same.focus({ preventScroll: true });
  if (scrollY > 0) scrollBy({ top: same.getBoundingClientRect().top - top, behavior: "instant" });
}

function isInView(element) {
  return element.getBoundingClientRect().top >= 0;
}

if (list) {
  setInterval(() => refreshList().catch(() => {}), LIST_EVERY_MS);
  document.addEventListener("visibilitychange", () => refreshList().catch(() => {}));
}

/** Moves the focus through the rows of a list; Enter opens the one that has it. */
function move(step) {
  const rows = [...document.querySelectorAll("#found .list a")];
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[next]?.focus();
}

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
  } else if ((event.key === "j" || event.key === "k") && !isWriting && !event.ctrlKey && !event.metaKey && !event.altKey) {
    move(event.key === "j" ? 1 : -1);
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
