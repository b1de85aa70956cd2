/* Owns the pages' small conveniences. Without it everything works: questions lead to the search. */
(() => {
  const root = document.documentElement;

  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;

  // The bubble follows the system's theme; what the reader chose here has to be told to it.
  const tellBubble = () => {
    const chosen = root.dataset.theme;
    if (chosen) document.querySelector("heidi-chat")?.setAttribute("theme", chosen);
  };
  addEventListener("heidi:ready", tellBubble);
  tellBubble();

  for (const toggle of document.querySelectorAll("[data-theme-toggle]")) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      tellBubble();
      try {
        localStorage.setItem("jmac-theme", root.dataset.theme);
      } catch {
        // Storage is forbidden: the choice holds until the next page.
      }
    });
  }

  for (const element of document.querySelectorAll("[data-ask]")) {
    element.hidden = false;
    element.addEventListener("click", (event) => {
      if (!window.heidi) return;
      event.preventDefault();
      window.heidi.ask(element.dataset.ask);
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const note = document.querySelector("[data-copy-note]");
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        note.textContent = "Link copied";
      } catch {
        note.textContent = "Copying failed";
      }
      setTimeout(() => (note.textContent = ""), 3000);
    });
  }

  for (const form of document.querySelectorAll("[data-auto-submit]")) {
    for (const button of form.querySelectorAll("[data-hide-with-script]")) button.hidden = true;
    const submit = () => {
      const chosen = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (value) chosen.set(name, value);
      const query = chosen.toString();
      location.assign(form.getAttribute("action") + (query ? `?${query}` : ""));
    };
    form.addEventListener("change", submit);
  }

  for (const form of document.querySelectorAll("[data-sign-out]")) {
    form.addEventListener("submit", () => window.heidi?.signOut());
  }

  const current = document.querySelector('.rail [aria-current="page"]');
  const rail = current?.closest("ul");
  if (rail) rail.scrollLeft = current.offsetLeft - (rail.clientWidth - current.offsetWidth) / 2;
})();
