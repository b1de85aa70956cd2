/* Owns the theme before the first paint: what the reader chose earlier, else the system's. */
(() => {
  try {
    const chosen = localStorage.getItem("jmac-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is forbidden: the system's theme it is.
  }
})();
