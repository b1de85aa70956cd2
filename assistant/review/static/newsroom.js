/** Makes the newsroom quicker to work with; every page works without it. */
const WAIT_MS = 400;
const LOOK_MS = 2000;

/** Shows what is typed as readers will see it, and asks before it is left unsaved. */
function edit(form) {
  let isDirty = "dirty" in form.dataset;
  let waiting;
  let latest = 0;
  form.addEventListener("input", () => {
    isDirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(show, WAIT_MS);
  });
  form.addEventListener("submit", () => { isDirty = false; });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  async function show() {
    const mine = ++latest;
    const told = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
    // An answer that was overtaken, or a session that ended, shows nothing.
    if (!told?.ok || told.redirected || mine !== latest) return;
    const page = new DOMParser().parseFromString(await told.text(), "text/html");
    form.querySelector("[data-shown]").replaceChildren(...page.body.children);
  }
}

document.querySelectorAll("[data-editor]").forEach(edit);

/** Only one question is open at a time; Escape, Cancel and a click elsewhere close it. */
const decisions = [...document.querySelectorAll(".decision")];
for (const decision of decisions) {
  const cancel = decision.querySelector("[data-close]");
  cancel.hidden = false;
  cancel.addEventListener("click", () => close(decision));
  decision.addEventListener("toggle", () => {
    if (decision.open) decisions.filter((other) => other !== decision).forEach((other) => { other.open = false; });
  });
}
function close(decision) {
  decision.open = false;
  decision.querySelector("summary").focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") decisions.filter((each) => each.open).forEach(close);
});
document.addEventListener("click", (event) => {
  decisions.filter((each) => each.open && !each.contains(event.target)).forEach((each) => { each.open = false; });
});

/** Looks again while something is going on: a feed is fetched, a briefing indexed. */
async function look() {
  const shown = document.querySelector("[data-busy][id]");
  if (!shown || document.hidden || shown.contains(document.activeElement?.closest("details"))) return;
  const told = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!told.ok || told.redirected) return;
  const page = new DOMParser().parseFromString(await told.text(), "text/html");
  const fresh = page.getElementById(shown.id);
  if (fresh) shown.replaceWith(fresh);
}
if (document.querySelector("[data-busy][id]")) setInterval(() => look().catch(() => {}), LOOK_MS);
