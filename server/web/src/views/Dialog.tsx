import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../l10n.ts";

interface Props {
  title: string;
  /** Nothing can be closed while something is under way. */
  busy?: boolean;
  onClose: () => void;
  /** Makes it a form whose submit button is `action`. */
  onSubmit?: () => void;
  action?: string;
  /** The action destroys or ends something. */
  danger?: boolean;
  trouble?: string | null;
  disabled?: boolean;
  children: ComponentChildren;
}

/** A modal dialog: keeps the focus inside, closes on Escape, gives the focus back. */
export function Dialog({ title, busy = false, onClose, onSubmit, action, danger = false, trouble = null, disabled = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy) onSubmit?.();
  };
  const inside = (
    <>
      <h2 id={id}>{title}</h2>
      {children}
      {trouble && <p class="message bad" role="alert">{trouble}</p>}
      <div class="dialog-end">
        <button type="button" data-test="dialog-close" disabled={busy} onClick={onClose}>{t(onSubmit ? "cancel" : "close")}</button>
        {onSubmit && <button type="submit" data-test="dialog-do" class={danger ? "danger" : "primary"} disabled={busy || disabled}>{busy ? t("working") : action}</button>}
      </div>
    </>
  );
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={(event) => (event.preventDefault(), busy || onClose())}>
      {onSubmit ? <form class="dialog" onSubmit={submit}>{inside}</form> : <div class="dialog">{inside}</div>}
    </dialog>
  );
}
