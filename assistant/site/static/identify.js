/* Owns telling the bubble who is signed in, as docs/http-api.md describes for any host page. */
(() => {
  const identify = () =>
    window.heidi.identify(async () => {
      const reply = await fetch("/demo/heidi-token", { cache: "no-store" });
      return reply.status === 200 ? (await reply.json()).token : null;
    });
  if (window.heidi) identify();
  else addEventListener("heidi:ready", identify, { once: true });
})();
