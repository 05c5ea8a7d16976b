/** Whether tables are dense, stored in this browser. */
import { browserSetting } from "./browser-setting.ts";

const dense = browserSetting("soketify-dense-tables");

export function useIsDense(): boolean {
  return dense.use() === "yes";
}

export function setDense(isDense: boolean): void {
  dense.write(isDense ? "yes" : null);
}
