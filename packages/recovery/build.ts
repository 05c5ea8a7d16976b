/**
 * `bun build.ts [FOLDER]`: builds the published files, into `dist` by default: an ES module, a script that defines
 * `SoketifyRecovery`, and the types.
 */
import { join } from "node:path";

const source = join(import.meta.dir, "src", "recovery.ts");
const dist = process.argv[2] ?? join(import.meta.dir, "dist");

await Bun.build({ entrypoints: [source], outdir: dist, target: "browser", format: "esm" });
const script = await Bun.build({ entrypoints: [source], target: "browser", format: "cjs", minify: true });
const [built] = script.outputs;
if (built === undefined) throw new Error("The bundler wrote no file");
const code = `var SoketifyRecovery=(function(){var module={exports:{}},exports=module.exports;${await built.text()};return module.exports})();`;
await Bun.write(join(dist, "recovery.min.js"), code);

const types = Bun.spawnSync(
  [
    "tsc",
    source,
    "--ignoreConfig",
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    dist,
    "--target",
    "esnext",
  ].concat(["--module", "preserve", "--moduleResolution", "bundler", "--skipLibCheck", "--types", ""]),
  { stdout: "inherit", stderr: "inherit" },
);
if (types.exitCode !== 0) throw new Error("tsc failed to write the types");
