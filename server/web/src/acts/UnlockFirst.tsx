import { useEffect } from "preact/hooks";
import { t } from "../l10n.ts";
import { Dialog } from "../views/Dialog.tsx";
import { Unlock } from "../views/Unlock.tsx";
import { useVault } from "../views/hooks.ts";
import type { Me } from "../wire.ts";

/** Asks for the review key before something that needs it. */
export function UnlockFirst({ me, onOpen, onClose }: { me: Me; onOpen: () => void; onClose: () => void }) {
  const key = useVault();
  useEffect(() => {
    if (key) onOpen();
  }, [key]);
  return (
    <Dialog title={t("unlock-first")} onClose={onClose}>
      <p>{t("unlock-first-why")}</p>
      {!key && <Unlock me={me} />}
    </Dialog>
  );
}
