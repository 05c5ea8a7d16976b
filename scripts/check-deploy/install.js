/** Installs the programs that the checks of deploy/ run. */
import { installPrograms } from "../install-programs.js";

installPrograms([
  { program: "docker-compose", debianPackage: "docker-compose" },
  { program: "nginx", debianPackage: "nginx-light" },
  { program: "promtool", debianPackage: "prometheus" },
  { program: "pip3", debianPackage: "python3-pip" },
  { program: "systemd-analyze", debianPackage: "systemd" },
  { program: "file", debianPackage: "file" },
  { program: "go", debianPackage: "golang-go" },
]);
