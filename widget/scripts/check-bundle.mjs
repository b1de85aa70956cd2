/** Builds the bundle anew and compares it, byte for byte, with the one that is committed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = join(root, "../assistant/site/static/widget/heidi.js");
const folder = mkdtempSync(join(tmpdir(), "heidi-widget-"));

try {
  await build({ root, logLevel: "warn", build: { outDir: folder } });
  const isEqual = readFileSync(join(folder, "heidi.js")).equals(readFileSync(committed));
  process.exitCode = isEqual ? 0 : 1;
  process.stdout.write(
    isEqual
      ? "The committed bundle is what the source builds to.\n"
      : "The committed bundle is not what the source builds to: run `npm run build`, commit it.\n",
  );
} finally {
  rmSync(folder, { recursive: true });
}
