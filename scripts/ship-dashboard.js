/**
 * After the build of the dashboard: copies it beside the server's bundle, and writes `server/dist/binary.ts`, the entry of
 * the single binary. The entry imports every file of the dashboard, because Bun embeds only imported files.
 */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(root, "dashboard", "dist");
const dist = join(root, "server", "dist");

mkdirSync(dist, { recursive: true });
rmSync(join(dist, "dashboard"), { recursive: true, force: true });
cpSync(built, join(dist, "dashboard"), { recursive: true });

const paths = readdirSync(built, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(built.length + 1)
      .replaceAll("\\", "/"),
  );
const imports = paths.map(
  (path, index) => `import file${index} from "./dashboard/${path}" with { type: "file" };`,
);
const names = paths.map((_, index) => `file${index}`).join(", ");
writeFileSync(
  join(dist, "binary.ts"),
  [...imports, 'import "../src/main.ts";', `export default [${names}];`, ""].join("\n"),
);
