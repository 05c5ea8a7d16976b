/** `bun build.ts [FOLDER]`: builds the published files, into `dist` by default: an ES module and its types. */
import { join } from "node:path";

const source = join(import.meta.dir, "src", "admin.ts");
const dist = process.argv[2] ?? join(import.meta.dir, "dist");

await Bun.build({
  entrypoints: [source],
  outdir: dist,
  target: "browser",
  format: "esm",
  minify: { whitespace: true, syntax: true },
});
const types = Bun.spawnSync(
  ["tsc", source, "--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--outDir", dist].concat([
    "--target",
    "esnext",
    "--module",
    "preserve",
    "--moduleResolution",
    "bundler",
    "--skipLibCheck",
    "--types",
    "",
    "--allowImportingTsExtensions",
  ]),
  { stdout: "inherit", stderr: "inherit" },
);
if (types.exitCode !== 0) throw new Error("tsc failed to write the types");
