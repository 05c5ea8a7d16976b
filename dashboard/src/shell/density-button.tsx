import { Button } from "../ui/button.tsx";
import { setDense, useIsDense } from "../ui/density.ts";
import { Icon } from "../ui/icon.tsx";

export function DensityButton() {
  const isDense = useIsDense();
  return (
    <Button
      look="quiet"
      aria-pressed={isDense}
      onClick={() => setDense(!isDense)}
      isTight
      className="w-full justify-start"
    >
      <Icon name="menu" />
      Dense tables{isDense && <Icon name="check" className="ml-auto" />}
    </Button>
  );
}
