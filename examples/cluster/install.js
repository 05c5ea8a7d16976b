/** Installs the programs that the example starts. It uses only Node, because Bun may be missing. */
import { installPrograms } from "../../scripts/install-programs.js";

installPrograms([
  { program: "/usr/lib/postgresql", debianPackage: "postgresql" },
  { program: "nginx", debianPackage: "nginx-light" },
  { program: "redis-server", debianPackage: "redis-server" },
]);
