/** Builds the bubble to one script without dependencies, which the server serves as it is. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    lib: {
      entry: "src/heidi.ts",
      name: "heidiWidget",
      formats: ["iife"],
      fileName: () => "heidi.js",
    },
    outDir: "../assistant/site/static/widget",
    emptyOutDir: false,
    target: "es2022",
    minify: true,
    sourcemap: false,
    reportCompressedSize: true,
  },
  test: { environment: "node", include: ["test/**/*.test.ts"] },
});
